package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.Clip;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * PPO's clip of a ratio whose logarithm is held in an interval first; where it is held, on both sides and whatever the advantage, no
 * gradient passes.
 *
 * <pre>
 *   ln x' = clamp(ln x, least, most)
 *   J = min(x' A, clip(x', low, high) A),   ∂J/∂ln x = x A  where neither held nor clipped, else 0
 * </pre>
 *
 * @param least nats
 * @param most nats
 * @param clip without dual clip
 * @see <a href="https://arxiv.org/abs/2509.24207">Humanline</a>
 */
public record HeldRatio(double least, double most, Clip clip) implements Term {

  public HeldRatio {
    Check.within("log-epsilon-p", least, -TokenBatch.MAX_LOG_RATIO, 0);
    Check.within("log-epsilon-r", most, 0, TokenBatch.MAX_LOG_RATIO);
    if (clip.cap() < Double.POSITIVE_INFINITY) throw new IllegalArgumentException("dual-clip must be none beside a held ratio, got " + clip.cap());
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public Kernel on(TokenBatch batch) {
    // by the log-ratio: with narrow bounds half of the tokens are clipped, and a branch that hangs on an exponential has to wait for it
    double low = Math.log(clip.low()), high = Math.log(clip.high());
    double smallest = Math.exp(least), largest = Math.exp(most);
    return new Kernel() {
      private long held;

      @Override public void apply(Token token) {
        double log = token.logRatio, advantage = token.advantage;
        boolean under = log < least, over = log > most;
        if (under || over) held++;
        double seen = under ? least : over ? most : log;
        if (advantage > 0 ? seen > high : advantage < 0 && seen < low) {
          token.answer((advantage > 0 ? clip.high() : clip.low()) * advantage, 0, true);
        } else {
          double value = (under ? smallest : over ? largest : token.ratio) * advantage;
          token.answer(value, under || over ? 0 : value, false);
        }
      }

      @Override public void report(Map<String, Metric> metrics) {
        Clip.reportBounds(metrics, clip.low(), clip.high(), clip.cap(), 0, batch);
        metrics.put("held-fraction", new Metric.Mean(held, batch.tokens()));
      }
    };
  }
}
