package io.ballast.sample;

import io.ballast.model.ModelConfig;
import io.ballast.model.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A mixture of experts: a row goes to the k experts its router finds most probable, see {@code model.ExpertMlp} for the formulas. The
 * choices are written to the row's cache block, or, where that block replays, taken from it.
 *
 * <p>An expert belongs to one thread, which gathers the expert's rows into one dense product. A row's k results are summed in the order
 * of its choices, so its bits do not depend on the rows beside it.
 */
final class RoutedMlp implements Mlp {
  /** What all layers use in turn. */
  static final class Work implements AutoCloseable {
    final ModelConfig.Experts experts;
    final int hidden;
    final float[] probabilities;
    final int[] chosen;
    final float[] weights;
    /** [rows · k, hidden]: every choice's output, weighted. */
    final float[] outputs;
    final Part[] parts;

    Work(ModelConfig config, int rows, boolean bf16, int team) {
      experts = config.experts();
      hidden = config.hiddenSize();
      int k = experts.active();
      probabilities = new float[rows * experts.count()];
      chosen = new int[rows * k];
      weights = new float[rows * k];
      outputs = new float[rows * k * hidden];
      parts = new Part[team];
      for (int part = 0; part < team; part++) parts[part] = new Part(this, rows, bf16);
    }

    long bytes() {
      long floats = probabilities.length + chosen.length + weights.length + outputs.length;
      for (Part part : parts) floats += part.in.values.length + part.active.values.length + part.gateUp.length + part.out.length;
      return 4 * floats;
    }

    @Override public void close() {
      for (Part part : parts) {
        part.in.close();
        part.active.close();
      }
    }
  }

  /** What one thread needs for the expert it is at. */
  private static final class Part {
    final Activation in;
    final Activation active;
    final float[] gateUp;
    final float[] out;
    /** Choices row · k + j, grouped by expert. */
    final int[] order;
    final int[] ends;

    Part(Work work, int rows, boolean bf16) {
      int width = work.experts.intermediateSize();
      in = new Activation(rows, work.hidden, bf16);
      active = new Activation(rows, width, bf16);
      gateUp = new float[rows * 2 * width];
      out = new float[rows * work.hidden];
      order = new int[rows * work.experts.active()];
      ends = new int[work.experts.count()];
    }

    void group(int[] chosen, int count) {
      Arrays.fill(ends, 0);
      for (int c = 0; c < count; c++) ends[chosen[c]]++;
      for (int e = 1; e < ends.length; e++) ends[e] += ends[e - 1];
      for (int c = count - 1; c >= 0; c--) order[--ends[chosen[c]]] = c;
      // Each end has moved down to its beginning; the next expert's beginning is its end.
      for (int e = 0; e + 1 < ends.length; e++) ends[e] = ends[e + 1];
      ends[ends.length - 1] = count;
    }
  }

  private final int layer;
  private final Work work;
  private final Matrix router;
  private final List<Matrix> gateUp = new ArrayList<>();
  private final List<Matrix> down = new ArrayList<>();

  RoutedMlp(int layer, Weights.Layer weights, Work work, int team) {
    this.layer = layer;
    this.work = work;
    router = new Matrix(weights.router(), 1, team);
    for (int e = 0; e < work.experts.count(); e++) {
      gateUp.add(Matrix.slice(weights.gateUp(), e, 2));
      down.add(Matrix.slice(weights.down(), e, 1));
    }
  }

  @Override public void run(Share share, Activation in, float[] out, boolean add) {
    share.product(router, in, work.probabilities, work.experts.count(), false);
    share.barrier();
    for (int row = share.from(); row < share.to(); row++) route(share, row);
    share.barrier();
    if (share.packed()) Brgemm.release(); // the experts' products are not of panels
    Part own = work.parts[share.part()];
    own.group(work.chosen, share.count() * work.experts.active());
    for (int e = share.part(); e < work.experts.count(); e += share.size()) expert(share, own, e, in);
    share.barrier();
    for (int row = share.from(); row < share.to(); row++) mix(row, out, add);
  }

  /** Softmax over the experts, then the k most probable, the lowest id among equals, or the ones to be replayed. */
  private void route(Share share, int row) {
    int count = work.experts.count();
    int k = work.experts.active();
    float[] p = work.probabilities;
    int at = row * count;
    float max = Float.NEGATIVE_INFINITY;
    for (int e = at; e < at + count; e++) max = Math.max(max, p[e]);
    for (int e = at; e < at + count; e++) p[e] -= max;
    Exp.inPlace(p, at, count, share.numerics());
    float sum = 0;
    for (int e = at; e < at + count; e++) sum += p[e];
    for (int e = at; e < at + count; e++) p[e] /= sum;
    KvCache.Block block = share.rows().block[row];
    int place = (share.rows().position[row] - block.start) * block.routesPerPosition + layer * k;
    boolean replays = block.replays(share.rows().position[row]);
    if (replays) for (int j = 0; j < k; j++) work.chosen[row * k + j] = block.routes[place + j];
    else choose(at, row * k);
    float share1 = 0;
    for (int j = row * k; j < row * k + k; j++) share1 += work.weights[j] = p[at + work.chosen[j]];
    if (work.experts.normalised()) for (int j = row * k; j < row * k + k; j++) work.weights[j] /= share1;
    if (!replays) for (int j = 0; j < k; j++) block.routes[place + j] = (short) work.chosen[row * k + j];
  }

  private void choose(int at, int to) {
    for (int j = 0; j < work.experts.active(); j++) {
      int best = -1;
      for (int e = 0; e < work.experts.count(); e++) {
        if (best >= 0 && !(work.probabilities[at + e] > work.probabilities[at + best])) continue;
        boolean taken = false;
        for (int i = 0; i < j; i++) taken |= work.chosen[to + i] == e;
        if (!taken) best = e;
      }
      work.chosen[to + j] = best;
    }
  }

  private void expert(Share share, Part own, int expert, Activation in) {
    int first = expert == 0 ? 0 : own.ends[expert - 1];
    int count = own.ends[expert] - first;
    if (count == 0) return;
    int k = work.experts.active();
    int hidden = work.hidden;
    int width = work.experts.intermediateSize();
    int padded = Share.padded(count);
    for (int i = 0; i < count; i++) System.arraycopy(in.values, own.order[first + i] / k * hidden, own.in.values, i * hidden, hidden);
    own.in.publish(0, count);
    gateUp.get(expert).apply(0, 1, own.in, padded, count, own.gateUp, 2 * width, false, share.numerics(), share.scratch());
    for (int i = 0; i < count; i++) Gate.SILU.apply(own.gateUp, i * 2 * width, width, own.active.values, i * width, share.numerics());
    own.active.publish(0, count);
    down.get(expert).apply(0, 1, own.active, padded, count, own.out, hidden, false, share.numerics(), share.scratch());
    for (int i = 0; i < count; i++) {
      int choice = own.order[first + i];
      float weight = work.weights[choice];
      for (int h = 0; h < hidden; h++) work.outputs[choice * hidden + h] = own.out[i * hidden + h] * weight;
    }
  }

  private void mix(int row, float[] out, boolean add) {
    int k = work.experts.active();
    int hidden = work.hidden;
    for (int j = 0; j < k; j++) {
      int from = (row * k + j) * hidden;
      for (int h = 0; h < hidden; h++) {
        int to = row * hidden + h;
        out[to] = add || j > 0 ? out[to] + work.outputs[from + h] : work.outputs[from + h];
      }
    }
  }

  @Override public void refresh(Weights.Layer master) {} // nothing of it is copied

  @Override public void pack(int part, Spare spare) {
    router.pack(part, spare);
  }

  @Override public void unpack() {
    router.unpack();
  }

  @Override public void close() {
    router.close();
    gateUp.forEach(Matrix::close);
    down.forEach(Matrix::close);
  }
}
