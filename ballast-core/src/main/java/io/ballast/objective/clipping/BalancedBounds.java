package io.ballast.objective.clipping;

import io.ballast.objective.Clip;
import io.ballast.objective.Kernel;
import io.ballast.objective.Known;
import io.ballast.objective.Metric;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * {@link BalancedClip} with its bounds chosen: PPO's clip, which also reports what the choice did to the tokens.
 *
 * @param startLow lower bound the search started from
 * @param startHigh upper bound the search started from
 * @param shareBefore P / (P + Q) with the starting bounds
 * @param share P / (P + Q) with the chosen bounds
 * @param known the ratios of the batch the bounds were solved on, [T], so that no exponential is taken twice
 */
record BalancedBounds(
    double low, double high, double cap, double startLow, double startHigh, double shareBefore, double share, Known<double[]> known)
    implements Term {

  @Override public boolean readsRatio() {
    return false; // the kernel has its own
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public Kernel on(TokenBatch batch) {
    Kernel clip = new Clip(low, high, cap).on(batch);
    double[] ratios = batch == known.batch() ? known.value() : null;
    return new Kernel() {
      private long positives, negatives, freed, blockedPositive, blockedNegative, blockedMore;
      private double blockedPositiveProbability, blockedNegativeProbability, freedProbability;

      @Override public void apply(Token token) {
        token.ratio = ratios != null ? ratios[token.index] : Math.exp(token.logRatio);
        clip.apply(token);
        if (token.advantage > 0) {
          positives++;
          if (token.ratio > high) {
            blockedPositive++;
            blockedPositiveProbability += Math.exp(token.logp);
          } else if (token.ratio > startHigh) {
            freed++;
            freedProbability += Math.exp(token.logp);
          }
        } else if (token.advantage < 0) {
          negatives++;
          if (token.ratio < low) {
            blockedNegative++;
            blockedNegativeProbability += Math.exp(token.logp);
            if (token.ratio >= startLow) blockedMore++;
          }
        }
      }

      @Override public void report(Map<String, Metric> metrics) {
        clip.report(metrics);
        metrics.put("positive-share", new Metric.Same(share));
        metrics.put("positive-share-before", new Metric.Same(shareBefore));
        metrics.put("freed-positive-fraction", new Metric.Mean(freed, positives));
        metrics.put("blocked-positive-fraction", new Metric.Mean(blockedPositive, positives));
        metrics.put("blocked-negative-fraction", new Metric.Mean(blockedNegative, negatives));
        metrics.put("newly-blocked-negative-fraction", new Metric.Mean(blockedMore, negatives));
        metrics.put("freed-positive-probability", new Metric.Mean(freedProbability, freed));
        metrics.put("blocked-positive-probability", new Metric.Mean(blockedPositiveProbability, blockedPositive));
        metrics.put("blocked-negative-probability", new Metric.Mean(blockedNegativeProbability, blockedNegative));
      }
    };
  }
}
