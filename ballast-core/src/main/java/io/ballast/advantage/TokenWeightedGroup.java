package io.ballast.advantage;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * HAPO's group z-score whose statistics count every token once, so that long answers weigh more.
 *
 * <pre>
 *   mean = Σ_i n_i R_i / Σ_i n_i      var = Σ_i n_i (R_i − mean)² / Σ_i n_i      over the samples i of the prompt, n_i tokens each
 *   A_i  = (R_i − mean) / (√var + 1e-6)
 *   where some |A_i| of the group reaches the limit, the whole group takes (R_i − mean_i) / (std_i + 1e-6) instead:
 *   every sample counted once, sample deviation (n − 1); a group of one gets 0
 * </pre>
 *
 * @param limit largest |A| a group may show before it falls back
 * @see <a href="https://arxiv.org/abs/2509.16591">HAPO</a>, token-level group average; the limit of 5 is the official code's
 */
public record TokenWeightedGroup(double limit) implements AdvantageEstimator {
  private static final double EPSILON = 1e-6;

  @Override public double[] estimate(Rewards rewards) {
    Map<Integer, double[]> sums = new HashMap<>(); // per prompt: tokens, Σ n R, Σ n (R − mean)², samples, Σ R, Σ (R − mean)²
    int samples = rewards.samples();
    double[] score = new double[samples];
    for (int i = 0; i < samples; i++) {
      double[] sum = sums.computeIfAbsent(rewards.group()[i], g -> new double[7]);
      int n = length(rewards, i);
      sum[0] += n;
      sum[1] += n * rewards.reward()[i];
      sum[3]++;
      sum[4] += rewards.reward()[i];
    }
    for (int i = 0; i < samples; i++) {
      double[] sum = sums.get(rewards.group()[i]);
      double byToken = rewards.reward()[i] - mean(sum[1], sum[0]), bySample = rewards.reward()[i] - mean(sum[4], sum[3]);
      sum[2] += length(rewards, i) * byToken * byToken;
      sum[5] += bySample * bySample;
    }
    for (int i = 0; i < samples; i++) {
      double[] sum = sums.get(rewards.group()[i]);
      score[i] = (rewards.reward()[i] - mean(sum[1], sum[0])) / (Math.sqrt(mean(sum[2], sum[0])) + EPSILON);
      if (length(rewards, i) > 0) sum[6] = Math.max(sum[6], Math.abs(score[i]));
    }
    double[] advantage = new double[rewards.tokens()];
    for (int i = 0; i < samples; i++) {
      double[] sum = sums.get(rewards.group()[i]);
      double a = sum[6] < limit ? score[i] : plain(rewards.reward()[i], sum);
      Arrays.fill(advantage, rewards.offsets()[i], rewards.offsets()[i + 1], a);
    }
    return advantage;
  }

  private static double plain(double reward, double[] sum) {
    return sum[3] < 2 ? 0 : (reward - mean(sum[4], sum[3])) / (Math.sqrt(sum[5] / (sum[3] - 1)) + EPSILON);
  }

  private static double mean(double total, double count) {
    return count == 0 ? 0 : total / count;
  }

  private static int length(Rewards rewards, int i) {
    return rewards.offsets()[i + 1] - rewards.offsets()[i];
  }
}
