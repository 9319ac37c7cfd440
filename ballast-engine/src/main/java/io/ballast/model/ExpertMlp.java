package io.ballast.model;

import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Workspace;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A mixture of experts: a token goes to the k experts its router finds most probable, and their outputs are mixed.
 *
 * <pre>
 *   p = softmax(n Rᵀ),   w = p of the chosen (divided by their sum s where normalised),   y = Σ_j w_j MLP_j(n)
 *   dw_j = dy · MLP_j(n),   dp_j = (dw_j − Σ_i w_i dw_i)/s,   d(n Rᵀ) = p ∘ (dp − p·dp)
 * </pre>
 *
 * <p>Tokens are gathered expert by expert, so every expert's part is one dense product; the choice itself has no gradient. Experts may be
 * given instead of chosen (routing replay); their weights are the current router's all the same, so it still learns.
 */
final class ExpertMlp {
  /**
   * Who goes where in one layer and batch, kept for the backward pass.
   *
   * @param probabilities [T, E]
   * @param chosen [T, k], ids of experts
   * @param weights [T, k]
   * @param sums [T, 1]: s where weights are normalised, else ones
   * @param order assignments t·k + j, grouped by expert
   * @param ends per expert, one past its last place in {@code order}
   */
  record Routing(Tensor probabilities, Tensor chosen, Tensor weights, Tensor sums, long[] order, int[] ends) {}

  private final ModelConfig.Experts experts;
  private final Workspace ws;
  private final ScalarType math;
  private final ScalarType compute;
  private final Device device;
  private final Routing[] routings;

  ExpertMlp(ModelConfig config, Workspace ws, ScalarType math, ScalarType compute, Device device) {
    this.experts = config.experts();
    this.ws = ws;
    this.math = math;
    this.compute = compute;
    this.device = device;
    this.routings = new Routing[config.layers()];
  }

  /** Rows of the merged gate buffer for T tokens. */
  long rows(long tokens) {
    return tokens * experts.active();
  }

  private Routing route(int layer, String slot, Tensor normed, Tensor router, @Nullable Tensor given) {
    long t = normed.size(0);
    int k = experts.active();
    Tensor p = ws.get("router.p." + slot, math, t, experts.count());
    if (math == compute) torch.mm_out(p, normed, router.t());
    else p.copy_(normed.mm(router.t()));
    torch.softmax_out(p, p, -1);
    var top = p.topk(k, -1, true, true);
    Tensor weights = ws.get("router.weights." + slot, math, t, k);
    Tensor chosen = ws.get("router.chosen." + slot, ScalarType.Long, t, k).copy_(top.get1());
    if (given == null) {
      weights.copy_(top.get0());
    } else {
      chosen.copy_(torch.where(given.lt(new Scalar(0)), chosen, given));
      weights.copy_(p.gather(1, chosen));
    }
    Tensor sums = ws.get("router.sums." + slot, math, t, 1).fill_(new Scalar(1.0));
    if (experts.normalised()) {
      sums.copy_(weights.sum(1).unsqueeze(1));
      weights.div_(sums);
    }
    int[] ends = new int[experts.count()];
    long[] order = order(Native.toDoubles(chosen), ends);
    routings[layer] = new Routing(p, chosen, weights, sums, order, ends);
    return routings[layer];
  }

  private long[] order(double[] chosen, int[] ends) {
    for (double expert : chosen) ends[(int) expert]++;
    for (int e = 1; e < ends.length; e++) ends[e] += ends[e - 1];
    int[] next = new int[ends.length];
    System.arraycopy(ends, 0, next, 1, ends.length - 1);
    long[] order = new long[chosen.length];
    for (int a = 0; a < chosen.length; a++) order[next[(int) chosen[a]]++] = a;
    return order;
  }

  /** [T · k] experts the last batch was sent to in a layer. */
  short[] choices(int layer) {
    Routing routing = routings[layer];
    short[] choices = new short[routing.order.length];
    for (int e = 0, at = 0; e < experts.count(); e++) {
      for (; at < routing.ends[e]; at++) choices[(int) routing.order[at]] = (short) e;
    }
    return choices;
  }

  /** One expert's share of a layer. */
  private final class Share {
    final int from;
    final int count;
    /** Tokens, [count]. */
    final Tensor tokens;
    /** Weights, [count, 1]. */
    final Tensor weights;
    final Tensor assignments;

    Share(Routing routing, int expert) {
      from = expert == 0 ? 0 : routing.ends[expert - 1];
      count = routing.ends[expert] - from;
      long[] places = Arrays.copyOfRange(routing.order, from, from + count);
      assignments = Native.longs(device, places);
      tokens = Native.longs(device, Arrays.stream(places).map(a -> a / experts.active()).toArray());
      weights = routing.weights.view(-1).index_select(0, assignments).unsqueeze(1);
    }
  }

  /**
   * y [T, H] from the normalised input [T, H]; {@code gateUp} [T·k, 2 I] is kept for the backward pass.
   *
   * @param given [T, k] ids of the experts to take, −1 where the router decides; null where it decides everywhere
   */
  void forward(int layer, String slot, Weights.Layer narrow, Tensor normed, @Nullable Tensor given, Tensor gateUp, Tensor y) {
    Routing routing = route(layer, slot, normed, narrow.router(), given);
    y.zero_();
    for (int e = 0; e < experts.count(); e++) {
      Share share = new Share(routing, e);
      if (share.count == 0) continue;
      Tensor gu = gateUp.narrow(0, share.from, share.count);
      Linear.apply(normed.index_select(0, share.tokens), narrow.gateUp().select(0, e), gu);
      Tensor active = ws.get("active", compute, share.count, experts.intermediateSize());
      GatedMlp.activate(gu, false, active);
      Tensor out = active.mm(narrow.down().select(0, e).t());
      y.index_add_(0, share.tokens, math == compute ? out.mul_(share.weights) : out.to(math).mul_(share.weights));
    }
  }

  /** Writes d(normed) [T, H], in {@code math}, from {@code dy} [T, H] and adds the gradients of router and experts. */
  void backward(int layer, Weights.Layer narrow, Weights.Layer gradients, Tensor normed, Tensor gateUp, Tensor dy, Tensor dNormed) {
    Routing routing = routings[layer];
    Tensor dWeights = Native.zeros(math, device, dy.size(0) * experts.active());
    dNormed.zero_();
    for (int e = 0; e < experts.count(); e++) {
      Share share = new Share(routing, e);
      if (share.count > 0) backward(e, share, narrow, gradients, normed, gateUp, dy, dNormed, dWeights);
    }
    Tensor dw = dWeights.view(dy.size(0), experts.active());
    if (experts.normalised()) dw = dw.sub(dw.mul(routing.weights).sum(1).unsqueeze(1)).div_(routing.sums);
    Tensor dp = torch.zeros_like(routing.probabilities);
    dp.scatter_(1, routing.chosen, dw);
    Tensor p = routing.probabilities;
    Tensor dLogits = dp.sub(dp.mul(p).sum(1).unsqueeze(1)).mul_(p);
    Tensor low = math == compute ? dLogits : dLogits.to(compute);
    Linear.gradient(ws, gradients.router(), low, normed);
    dNormed.add_(low.mm(narrow.router()));
  }

  private void backward(int e, Share share, Weights.Layer narrow, Weights.Layer gradients, Tensor normed, Tensor gateUp, Tensor dy,
      Tensor dNormed, Tensor dWeights) {
    int width = experts.intermediateSize();
    Tensor dOut = dy.index_select(0, share.tokens);
    Tensor gu = gateUp.narrow(0, share.from, share.count);
    Tensor low = math == compute ? dOut : dOut.to(compute);
    Tensor dActive = Linear.input(low, narrow.down().select(0, e), ws.get("dActive", compute, share.count, width));
    Tensor active = ws.get("active", compute, share.count, width);
    GatedMlp.activate(gu, false, active);
    // dy · y = (dy W) · a, so the expert's output need not be computed again.
    dWeights.index_copy_(0, share.assignments, dActive.mul(active).sum(1).to(math));
    dActive.mul_(math == compute ? share.weights : share.weights.to(compute));
    Tensor weighted = math == compute ? dOut.mul_(share.weights) : dOut.mul_(share.weights).to(compute);
    Tensor dGateUp = ws.get("dGateUp", compute, share.count, 2L * width);
    GatedMlp.backward(gu, false, dActive, active, dGateUp);
    Linear.gradient(ws, gradients.down().select(0, e), weighted, active);
    Tensor x = normed.index_select(0, share.tokens);
    Linear.gradient(ws, gradients.gateUp().select(0, e), dGateUp, x);
    Tensor dx = dGateUp.mm(narrow.gateUp().select(0, e));
    dNormed.index_add_(0, share.tokens, math == compute ? dx : dx.to(math));
  }
}
