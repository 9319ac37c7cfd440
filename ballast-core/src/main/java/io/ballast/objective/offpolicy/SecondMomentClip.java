package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Clip;
import io.ballast.objective.Kernel;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.Term;
import io.ballast.objective.TokenBatch;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * M2PO as its official code has it: the budget on the second moment becomes one pair of clip bounds for the step.
 *
 * <pre>
 *   l and 𝒯 as in {@link SecondMomentMask};   u = the largest with mean over 𝒯 of min(l², u²) ≤ τ
 *   then PPO's clip in [min(e^−u, 1 − mini-low), max(e^u, 1 + mini-high)]
 * </pre>
 *
 * @param miniLow the lower bound is never nearer to 1 than this
 * @param miniHigh the upper bound is never nearer to 1 than this
 * @param solved the clip of the whole step; null: not solved
 * @see <a href="https://github.com/Infini-AI-Lab/M2PO">Infini-AI-Lab/M2PO</a>, core_algos.py; the scripts pass no mini clip
 */
public record SecondMomentClip(double tau, double miniLow, double miniHigh, @Nullable Clip solved) implements Term {
  public SecondMomentClip {
    Check.above("tau", tau, 0);
    Check.within("miniclip-low", miniLow, 0, Double.MAX_VALUE);
    Check.within("miniclip-high", miniHigh, 0, Double.MAX_VALUE);
  }

  public SecondMomentClip(double tau, double miniLow, double miniHigh) {
    this(tau, miniLow, miniHigh, null);
  }

  @Override public SecondMomentClip prepared(TokenBatch whole, RatioLevel level) {
    return new SecondMomentClip(tau, miniLow, miniHigh, solve(whole));
  }

  private Clip solve(TokenBatch batch) {
    double u = SecondMoment.clipAt(SecondMoment.trustRegion(batch, tau), tau);
    return new Clip(Math.min(Math.exp(-u), 1 - miniLow), Math.max(Math.exp(u), 1 + miniHigh));
  }

  @Override public boolean isSolved() {
    return solved != null;
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public Kernel on(TokenBatch batch) {
    return Objects.requireNonNull(solved).on(batch);
  }
}
