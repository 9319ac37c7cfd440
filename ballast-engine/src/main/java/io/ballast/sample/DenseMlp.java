package io.ballast.sample;

import io.ballast.model.Weights;
import org.jspecify.annotations.Nullable;

/** The gated MLP of a dense layer. */
final class DenseMlp implements Mlp {
  /** What all layers use in turn. */
  static final class Work implements AutoCloseable {
    final Gate gate;
    final float[] gateUp;
    final Activation active;

    Work(Gate gate, int rows, int width, boolean bf16) {
      this.gate = gate;
      gateUp = new float[rows * 2 * width];
      active = new Activation(rows, width, bf16);
    }

    long bytes() {
      return 4L * (gateUp.length + active.values.length);
    }

    @Override public void close() {
      active.close();
    }
  }

  private final Work work;
  private final Matrix gateUp;
  private final Matrix down;
  private float @Nullable [] gateUpBias;
  private float @Nullable [] downBias;

  DenseMlp(Weights.Layer weights, Work work, int team) {
    this.work = work;
    gateUp = new Matrix(weights.gateUp(), 2, team);
    down = new Matrix(weights.down(), 1, team);
  }

  @Override public void run(Share share, Activation in, float[] out, boolean add) {
    int width = work.active.columns;
    share.product(gateUp, in, work.gateUp, 2 * width, false);
    share.barrier();
    for (int row = share.from(); row < share.to(); row++) {
      if (gateUpBias != null) ArrayDecoder.add(work.gateUp, row * 2 * width, gateUpBias);
      work.gate.apply(work.gateUp, row * 2 * width, width, work.active.values, row * width, share.numerics());
    }
    work.active.publish(share.from(), share.to());
    share.barrier();
    share.product(down, work.active, out, in.columns, add);
    share.barrier();
    if (downBias != null) for (int row = share.from(); row < share.to(); row++) ArrayDecoder.add(out, row * in.columns, downBias);
  }

  @Override public void refresh(Weights.Layer master) {
    gateUpBias = ArrayDecoder.orNull(master.gateUpBias());
    downBias = ArrayDecoder.orNull(master.downBias());
  }

  @Override public void pack(int part, Spare spare) {
    gateUp.pack(part, spare);
    down.pack(part, spare);
  }

  @Override public void unpack() {
    gateUp.unpack();
    down.unpack();
  }

  @Override public void close() {
    gateUp.close();
    down.close();
  }
}
