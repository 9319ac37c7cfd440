package io.ballast.model;

import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import io.ballast.tensor.Workspace;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * From hidden states to log-probabilities and entropies and back, in chunks, so that memory does not grow with vocabulary times tokens.
 *
 * <p>π = softmax(z / τ), z the logits. With y the token, H the entropy, D = KL(π ‖ π°) from another policy, g = dL/d ln π_y, h = dL/dH and
 * k = dL/dD:
 *
 * <pre>   dL/dz_v = ( g (1[v = y] − π_v) − h π_v (ln π_v + H) + k π_v (ln π_v − ln π°_v − D) ) / τ</pre>
 */
final class Head {
  /** Logits held at once. */
  private static final long CHUNK_ELEMENTS = 6L << 20;

  /** Chunks of narrow logit gradients that share one product. */
  private static final long GATHERED = 6;

  private final Workspace ws;
  private final ScalarType math;
  private final double softcap;

  /** @param softcap z = c·tanh(z'/c), 0 for none */
  Head(Workspace ws, ScalarType math, double softcap) {
    this.ws = ws;
    this.math = math;
    this.softcap = softcap;
  }

  /** Another policy's head at the same positions, which a loss measures the divergence from: hidden states [N, H°], weight [V, H°]. */
  record Other(Head head, Tensor hidden, Tensor weight) {
    private Tensor logSoftmax(long from, long n, double temperature) {
      return head.logSoftmax(hidden.narrow(0, from, n), weight, temperature);
    }
  }

  private static long chunk(long vocabulary) {
    return Math.max(32, CHUNK_ELEMENTS / vocabulary / 16 * 16);
  }

  /** Fills {@code logp} and {@code entropy} [N] from normalised hidden states [N, H] and the head's weight [V, H]. */
  void score(Tensor hidden, Tensor weight, Tensor targets, double temperature, Tensor logp, Tensor entropy) {
    long step = chunk(weight.size(0));
    for (long from = 0; from < hidden.size(0); from += step) {
      try (var scope = Scope.open("head chunk")) {
        long n = Math.min(step, hidden.size(0) - from);
        Tensor ls = logSoftmax(hidden.narrow(0, from, n), weight, temperature);
        logp.narrow(0, from, n).copy_(ls.gather(1, targets.narrow(0, from, n).unsqueeze(1)).squeeze(1));
        entropy.narrow(0, from, n).copy_(entropyAndSoftmax(ls));
      }
    }
  }

  /** Fills {@code topLogp} and {@code topToken} [N, k], likeliest first. */
  void likeliest(Tensor hidden, Tensor weight, double temperature, Tensor topLogp, Tensor topToken) {
    long step = chunk(weight.size(0)), k = topLogp.size(1);
    for (long from = 0; from < hidden.size(0); from += step) {
      try (var scope = Scope.open("head chunk likeliest")) {
        long n = Math.min(step, hidden.size(0) - from);
        var top = logSoftmax(hidden.narrow(0, from, n), weight, temperature).topk(k);
        topLogp.narrow(0, from, n).copy_(top.get0());
        topToken.narrow(0, from, n).copy_(top.get1());
      }
    }
  }

  /** Fills {@code logp} [N, k] with the log-probabilities of {@code tokens} [N, k]. */
  void logpAt(Tensor hidden, Tensor weight, double temperature, Tensor tokens, Tensor logp) {
    long step = chunk(weight.size(0));
    for (long from = 0; from < hidden.size(0); from += step) {
      try (var scope = Scope.open("head chunk at")) {
        long n = Math.min(step, hidden.size(0) - from);
        logp.narrow(0, from, n).copy_(logSoftmax(hidden.narrow(0, from, n), weight, temperature).gather(1, tokens.narrow(0, from, n)));
      }
    }
  }

  /** Fills {@code divergence} [N] with KL(π ‖ π°). */
  void divergence(Tensor hidden, Tensor weight, double temperature, Other other, Tensor divergence) {
    long step = chunk(weight.size(0));
    for (long from = 0; from < hidden.size(0); from += step) {
      try (var scope = Scope.open("head chunk divergence")) {
        long n = Math.min(step, hidden.size(0) - from);
        Tensor ls = logSoftmax(hidden.narrow(0, from, n), weight, temperature);
        Tensor softmax = torch.exp_out(ws.get("head.softmax", math, n, ls.size(1)), ls);
        divergence.narrow(0, from, n).copy_(ls.sub_(other.logSoftmax(from, n, temperature)).mul_(softmax).sum(-1));
      }
    }
  }

  /** z [n, V], a buffer, of normalised hidden states [n, H]. */
  Tensor logits(Tensor hidden, Tensor weight) {
    Tensor logits = ws.get("head.logits", math, hidden.size(0), weight.size(0));
    if (Native.type(hidden) == math) {
      Linear.apply(hidden, weight, logits);
    } else {
      logits.copy_(torch.mm_out(ws.get("head.narrow", Native.type(hidden), hidden.size(0), weight.size(0)), hidden, weight.t()));
    }
    return softcap > 0 ? logits.mul_(new Scalar(1 / softcap)).tanh_().mul_(new Scalar(softcap)) : logits;
  }

  /** ln π [n, V]; capped logits stay in the buffer {@code head.logits}, others are overwritten: a buffer less is a third of the head's memory. */
  private Tensor logSoftmax(Tensor hidden, Tensor weight, double temperature) {
    Tensor logits = logits(hidden, weight);
    Tensor ls = softcap > 0 ? ws.get("head.logSoftmax", math, hidden.size(0), weight.size(0)) : logits;
    if (temperature == 1) return torch.log_softmax_out(ls, logits, -1);
    torch.mul_out(ls, logits, new Scalar(1 / temperature));
    return torch.log_softmax_out(ls, ls, -1);
  }

  /** H [n], leaving π in the buffer {@code head.softmax}. */
  private Tensor entropyAndSoftmax(Tensor ls) {
    Tensor softmax = torch.exp_out(ws.get("head.softmax", math, ls.size(0), ls.size(1)), ls);
    Tensor product = torch.mul_out(ws.get("head.product", math, ls.size(0), ls.size(1)), softmax, ls);
    return product.sum(-1).neg_();
  }

  /**
   * Writes dL/dhidden [N, H] and adds the gradient of the head's weight.
   *
   * @param dlogp, dentropy g and h, [N]; h null where the loss has no entropy term
   * @param ddivergence, other k [N] and the policy that D is measured from; null where the loss has no such term
   */
  void backward(Tensor hidden, Tensor weight, Tensor targets, double temperature, Tensor dlogp, @Nullable Tensor dentropy,
      @Nullable Tensor ddivergence, @Nullable Other other, Tensor dHidden, @Nullable Tensor dWeight, Turns.Of turns) {
    boolean mixed = Native.type(hidden) != math;
    long step = chunk(weight.size(0)), span = span(weight.size(0), mixed);
    for (long at = 0; at < hidden.size(0); at += span) {
      int part = (int) (at / span);
      try (var scope = Scope.open("head gradient")) {
        long count = Math.min(span, hidden.size(0) - at);
        Tensor all = mixed ? ws.get("head.dLogits", Native.type(hidden), count, weight.size(0)) : null;
        for (long from = at; from < at + count; from += step) {
          try (var chunk = Scope.open("head chunk gradient")) {
            long n = Math.min(step, at + count - from);
            Tensor dLogits = dLogits(hidden.narrow(0, from, n), weight, targets.narrow(0, from, n), temperature, dlogp.narrow(0, from, n),
                dentropy == null ? null : dentropy.narrow(0, from, n), ddivergence == null ? null : ddivergence.narrow(0, from, n),
                other == null ? null : other.logSoftmax(from, n, temperature));
            if (all == null) through(dLogits, hidden.narrow(0, from, n), weight, dHidden.narrow(0, from, n), dWeight, part, turns);
            else all.narrow(0, from - at, n).copy_(dLogits);
          }
        }
        if (all != null) through(all, hidden.narrow(0, at, count), weight, dHidden.narrow(0, at, count), dWeight, part, turns);
      }
    }
  }

  private void through(Tensor dLogits, Tensor hidden, Tensor weight, Tensor dHidden, @Nullable Tensor dWeight, int part, Turns.Of turns) {
    Linear.input(dLogits, weight, dHidden);
    if (dWeight != null) Linear.gradient(ws, dWeight, dLogits, hidden, turns.ofHead(part));
  }

  /** Tokens whose logits go into one product. Narrow ones are gathered: adding it onto the wide gradient costs the more the fewer share it. */
  private static long span(long vocabulary, boolean mixed) {
    return chunk(vocabulary) * (mixed ? GATHERED : 1);
  }

  /** How often {@link #backward} adds to the weight's gradient for this many tokens. */
  static int additions(long tokens, long vocabulary, boolean mixed) {
    long span = span(vocabulary, mixed);
    return (int) ((tokens + span - 1) / span);
  }

  private Tensor dLogits(Tensor hidden, Tensor weight, Tensor targets, double temperature, Tensor dlogp, @Nullable Tensor dentropy,
      @Nullable Tensor ddivergence, @Nullable Tensor otherLogSoftmax) {
    Tensor ls = logSoftmax(hidden, weight, temperature);
    Tensor g = dlogp.unsqueeze(1);
    Tensor pull = ddivergence == null ? null : pull(ls, otherLogSoftmax, ddivergence.unsqueeze(1));
    Tensor dLogits;
    if (dentropy == null) {
      dLogits = ls.exp_().mul_(g.neg());
    } else {
      Tensor entropy = entropyAndSoftmax(ls);
      dLogits = ws.get("head.softmax", math, ls.size(0), ls.size(1));
      dLogits.mul_(ls.add_(entropy.unsqueeze(1)).mul_(dentropy.unsqueeze(1)).add_(g).neg_());
    }
    if (pull != null) dLogits.add_(pull);
    dLogits.scatter_add_(1, targets.unsqueeze(1), g);
    if (temperature != 1) dLogits.mul_(new Scalar(1 / temperature));
    if (softcap > 0) {
      Tensor logits = ws.get("head.logits", math, ls.size(0), ls.size(1));
      dLogits.addcmul_(dLogits.mul(logits), logits, new Scalar(-1 / (softcap * softcap)));
    }
    return dLogits;
  }

  /** k π (ln π − ln π° − D) [n, V], written over ln π°. */
  private Tensor pull(Tensor ls, Tensor otherLogSoftmax, Tensor k) {
    Tensor softmax = torch.exp_out(ws.get("head.softmax", math, ls.size(0), ls.size(1)), ls);
    Tensor gap = torch.sub_out(otherLogSoftmax, ls, otherLogSoftmax);
    Tensor product = torch.mul_out(ws.get("head.product", math, ls.size(0), ls.size(1)), softmax, gap);
    return gap.sub_(product.sum(-1).unsqueeze(1)).mul_(softmax).mul_(k);
  }
}
