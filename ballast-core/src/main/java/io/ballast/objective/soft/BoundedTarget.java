package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Part;
import io.ballast.objective.Quantile;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.SignBit;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bounded-ratio policy optimisation: the ratio is regressed onto the analytic optimum of the bounded problem.
 *
 * <pre>
 *   x* = 1 − low + (low + high) σ(z)          z held within ±50; x* and the weight are constant
 *   J  = −|x − x*| |weight| − tv |x − x*|
 *   ∂J/∂ln x = −sign(x − x*) x (|weight| + tv)        0 at x = x*
 *   BPO    z = (returns − median)/λ,                  weight = returns − value (columns, by token)
 *   GBPO   z = (A_i − median of A over the group)/T,  weight = A_t
 * </pre>
 * With A_i = (R_i − mean)/(std + eps), A_i − median(A) is (R_i − median(R))/(std + eps), and likewise without the division: the
 * rewards themselves are not needed. A prompt with one answer has median 0. With binary rewards the outcome of the majority sits at the median: its
 * target is exactly 1 and on policy it has no gradient.
 *
 * <p>Metrics {@code clipped-fraction}: share of tokens with x outside [1 − low, 1 + high]; {@code target-distance}: mean of |x − x*|.
 *
 * @param tv weight of an unweighted distance beside the weighted one
 * @see <a href="https://arxiv.org/abs/2604.18578">Bounded Ratio Reinforcement Learning</a>
 */
public record BoundedTarget(double low, double high, double tv, Source source) implements Term {
  private static final double MAX_ARGUMENT = 50;

  public BoundedTarget {
    Check.within("eps-low", low, 0, 1);
    Check.within("eps-high", high, 0, Double.MAX_VALUE);
    Check.within("tv-loss-coef", tv, 0, Double.MAX_VALUE);
  }

  /** Where a token's z and weight come from. */
  public sealed interface Source extends Part<Source> {
    Sight on(TokenBatch batch);
  }

  /** z and weight of the tokens of one batch. */
  interface Sight {
    double z(Token token);

    double weight(Token token);
  }

  /**
   * BPO's: a critic's value and median.
   *
   * @param lambda temperature of the target, in units of return
   * @param clamp z is held within ±clamp; infinite: none
   */
  public record Critics(double lambda, double clamp) implements Source {
    public Critics {
      Check.above("lambda", lambda, 0);
      Check.above("adv-clamp", clamp, 0);
    }

    @Override public Sight on(TokenBatch batch) {
      double[] returns = batch.column(Column.RETURNS), median = batch.column(Column.MEDIAN), value = batch.column(Column.VALUE);
      return new Sight() {
        @Override public double z(Token token) {
          return Math.clamp((returns[token.index] - median[token.index]) / lambda, -clamp, clamp);
        }

        @Override public double weight(Token token) {
          return returns[token.index] - value[token.index];
        }
      };
    }
  }

  /**
   * GBPO's: the group's median.
   *
   * @param temperature T
   * @param medians median advantage by prompt over the whole step; null: found on the batch that is evaluated
   */
  public record GroupMedian(double temperature, @Nullable Map<Integer, Double> medians) implements Source {
    public GroupMedian {
      Check.above("temperature", temperature, 0);
    }

    public GroupMedian(double temperature) {
      this(temperature, null);
    }

    @Override public boolean isSolved() {
      return medians != null;
    }

    @Override public Source prepared(TokenBatch whole, RatioLevel level) {
      return new GroupMedian(temperature, solve(whole));
    }

    private static Map<Integer, Double> solve(TokenBatch whole) {
      Map<Integer, Double> found = new HashMap<>();
      ByPrompt.gather(whole, s -> ByPrompt.advantage(whole, s)).forEach((group, advantages) ->
          found.put(group, advantages.length == 1 ? 0.0 : Quantile.of(advantages, 0.5)));
      return found;
    }

    @Override public Sight on(TokenBatch batch) {
      Map<Integer, Double> solved = medians == null ? solve(batch) : medians;
      return new Sight() {
        private int sequence = -1;
        private double z;

        @Override public double z(Token token) {
          if (token.sequence != sequence) {
            sequence = token.sequence;
            z = (ByPrompt.advantage(batch, sequence) - solved.get(batch.group()[sequence])) / temperature;
          }
          return z;
        }

        @Override public double weight(Token token) {
          return token.advantage;
        }
      };
    }
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public boolean isSolved() {
    return source.isSolved();
  }

  @Override public Term prepared(TokenBatch whole, RatioLevel level) {
    return new BoundedTarget(low, high, tv, source.prepared(whole, level));
  }

  /** x* of a z. */
  double target(double z) {
    return 1 - low + (low + high) / (1 + Math.exp(-Math.clamp(z, -MAX_ARGUMENT, MAX_ARGUMENT)));
  }

  @Override public Kernel on(TokenBatch batch) {
    Sight sight = source.on(batch);
    double[] ends = {target(MAX_ARGUMENT), target(-MAX_ARGUMENT)}; // by the sign bit of z
    return new Kernel() {
      private double last = Double.NaN, target, distance;

      @Override public void apply(Token token) {
        double z = sight.z(token), x = token.ratio;
        if (z != last) {
          last = z;
          target = Math.abs(z) < MAX_ARGUMENT ? target(z) : ends[SignBit.of(z)];
        }
        double away = x - target, weight = Math.abs(sight.weight(token)) + tv;
        distance += Math.abs(away);
        token.answer(-Math.abs(away) * weight, away == 0 ? 0 : Math.copySign(x * weight, -away), x < 1 - low || x > 1 + high);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("target-distance", new Metric.Mean(distance, batch.tokens()));
      }
    };
  }
}
