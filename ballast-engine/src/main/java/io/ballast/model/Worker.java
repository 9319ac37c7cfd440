package io.ballast.model;

import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Workspace;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** What computes one micro-batch at a time: layers and head with buffers of their own. A {@link Policy} has one for each thread. */
final class Worker implements AutoCloseable {
  private final ModelConfig config;
  private final Device device;
  private final DType dtype;
  private final Workspace workspace;
  private final Trunk trunk;
  private final Head head;

  Worker(ModelConfig config, Device device, DType dtype) {
    this.config = config;
    this.device = device;
    this.dtype = dtype;
    workspace = new Workspace(device);
    trunk = new Trunk(config, workspace, dtype.master(), dtype.compute(), device);
    head = new Head(workspace, dtype.master(), config.gemma() == null ? 0 : config.gemma().finalSoftcap());
  }

  /** Log-probabilities and entropies of the micro-batch's trained tokens, put where they belong in {@code scores}. */
  void score(Weights master, Weights compute, MicroBatch batch, double temperature, Scores scores) {
    Tensor hidden = hidden(master, compute, batch);
    Tensor logp = Native.empty(dtype.master(), device, batch.targets().length);
    Tensor entropy = Native.empty(dtype.master(), device, batch.targets().length);
    head.score(hidden, compute.head(), Native.longs(device, batch.targets()), temperature, logp, entropy);
    scatter(Native.toDoubles(logp), batch.flat(), scores.logp(), 1);
    scatter(Native.toDoubles(entropy), batch.flat(), scores.entropy(), 1);
  }

  /** The likeliest tokens and the hidden states of the micro-batch. */
  void details(Weights master, Weights compute, MicroBatch batch, double temperature, Details details) {
    int width = details.width();
    Tensor hidden = hidden(master, compute, batch);
    Tensor topLogp = Native.empty(dtype.master(), device, batch.targets().length, width);
    Tensor topToken = Native.empty(ScalarType.Long, device, batch.targets().length, width);
    head.likeliest(hidden, compute.head(), temperature, topLogp, topToken);
    scatter(Native.toDoubles(topLogp), batch.flat(), details.topLogp(), width);
    scatter(Native.toDoubles(hidden), batch.flat(), details.hidden(), details.hiddenSize());
    double[] tokens = Native.toDoubles(topToken);
    for (int i = 0; i < tokens.length; i++) details.topToken()[batch.flat()[i / width] * width + i % width] = (int) tokens[i];
  }

  /** Log-probabilities of {@code k} other tokens in each place. */
  void logpAt(Weights master, Weights compute, MicroBatch batch, double temperature, int[] tokens, int k, double[] logp) {
    long[] asked = new long[batch.flat().length * k];
    for (int i = 0; i < asked.length; i++) asked[i] = tokens[batch.flat()[i / k] * k + i % k];
    Tensor found = Native.empty(dtype.master(), device, batch.flat().length, k);
    head.logpAt(hidden(master, compute, batch), compute.head(), temperature, Native.longs(device, asked).view(-1, k), found);
    scatter(Native.toDoubles(found), batch.flat(), logp, k);
  }

  /** Another policy in a divergence from it: a worker of its own for the same thread, and its weights. */
  record Other(Worker worker, Weights master, Weights compute) {
    private Head.Other head(MicroBatch batch) {
      return new Head.Other(worker.head, worker.hidden(master, compute, batch), compute.head());
    }
  }

  /** KL of the whole distribution from another policy's in each place. */
  void divergence(Weights master, Weights compute, MicroBatch batch, double temperature, Other other, double[] divergence) {
    Tensor found = Native.empty(dtype.master(), device, batch.targets().length);
    head.divergence(hidden(master, compute, batch), compute.head(), temperature, other.head(batch), found);
    scatter(Native.toDoubles(found), batch.flat(), divergence, 1);
  }

  private Tensor hidden(Weights master, Weights compute, MicroBatch batch) {
    Tensor x = trunk.forward(master, compute, batch, Trunk.Keep.NOTHING);
    return trunk.predicted(master, x, Native.longs(device, batch.positions())).hidden();
  }

  private static void scatter(double[] from, int[] flat, double[] to, int width) {
    for (int i = 0; i < flat.length; i++) System.arraycopy(from, i * width, to, flat[i] * width, width);
  }

  /**
   * Adds the micro-batch's share of the gradient, each addition when its turn has come.
   *
   * @param ddivergence, other of a divergence in the loss; null for none
   */
  void backward(Weights master, Weights compute, Weights into, MicroBatch batch, double temperature, double[] dlogp,
      double @Nullable [] dentropy, double @Nullable [] ddivergence, @Nullable Other other, Trunk.Keep keep, Turns.Of turns) {
    Tensor x = trunk.forward(master, compute, batch, keep);
    Tensor positions = Native.longs(device, batch.positions());
    Trunk.Predicted predicted = trunk.predicted(master, x, positions);
    Tensor dHidden = workspace.get("dHidden", dtype.compute(), batch.targets().length, config.hiddenSize());
    head.backward(predicted.hidden(), compute.head(), Native.longs(device, batch.targets()), temperature,
        gathered(dlogp, batch.flat()), dentropy == null ? null : gathered(dentropy, batch.flat()),
        ddivergence == null ? null : gathered(ddivergence, batch.flat()), other == null ? null : other.head(batch), dHidden, into.head(), turns);
    Tensor dx = trunk.predictedGradient(master, into, predicted, positions, dHidden, batch.ids().length, turns);
    trunk.backward(master, compute, into, batch, keep, dx, turns);
  }

  private Tensor gathered(double[] values, int[] flat) {
    return Native.reals(dtype.master(), device, Arrays.stream(flat).mapToDouble(i -> values[i]).toArray());
  }

  /** Gives the buffers back to the system; the worker stays usable. */
  void trim() {
    workspace.close();
  }

  @Override public void close() {
    workspace.close();
    trunk.close();
  }
}
