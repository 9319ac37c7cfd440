package io.ballast.advantage;

import io.ballast.objective.Column;

/**
 * Generalised advantage estimation over turns instead of tokens: a turn is one action, and the critic's value of a turn is read
 * before its first token.
 *
 * <pre>
 *   δ_h = R_h + γ V_{h+1} − V_h          V after the last turn = 0
 *   A_h = δ_h + γ λ A_{h+1}              every token of turn h gets A_h
 *
 *   bi-level:  R'_h = A_h + V_h goes to the last token of turn h, and inside the turn
 *   δ_t = r_t + γ_tok V_{t+1} − V_t,  A_t = δ_t + γ_tok λ A_{t+1}, both ending with the turn
 * </pre>
 *
 * R_h is the sample's reward on its last turn and 0 before, or the column {@code turnReward} (the same number on every token of a
 * turn) where there is one. Turns are maximal runs of equal numbers in the column {@code turn}; values come from {@code value}.
 *
 * @param gamma discount per turn
 * @param lambda of GAE, over turns and, bi-level, over tokens
 * @param tokenGamma discount per token inside a turn; read by the bi-level form only
 * @param biLevel whether a token-level pass follows inside each turn
 * @param whiten whether advantages are then shifted and scaled to mean 0 and deviation 1 (n − 1), over turns, or over tokens bi-level
 * @see <a href="https://arxiv.org/abs/2512.17008">Turn-PPO</a>; the bi-level form is VAGEN's code
 */
public record TurnGae(double gamma, double lambda, double tokenGamma, boolean biLevel, boolean whiten) implements AdvantageEstimator {

  /** verl's and VAGEN's, inside the root; OAT adds 1e-9 to the deviation. */
  private static final double EPSILON = 1e-8;

  @Override public double[] estimate(Rewards rewards) {
    double[] turn = rewards.column(Column.TURN), value = rewards.column(Column.VALUE);
    double[] turnReward = rewards.columns().get(Column.TURN_REWARD);
    double[] advantage = new double[rewards.tokens()];
    double[] weight = new double[rewards.tokens()];
    for (int s = 0; s < rewards.samples(); s++) {
      int from = rewards.offsets()[s], to = rewards.offsets()[s + 1];
      double nextValue = 0, last = 0;
      for (int end = to; end > from; ) {
        int start = end - 1;
        while (start > from && turn[start - 1] == turn[start]) start--;
        double reward = turnReward != null ? turnReward[start] : end == to ? rewards.reward()[s] : 0;
        last = reward + gamma * nextValue - value[start] + gamma * lambda * last;
        nextValue = value[start];
        if (biLevel) insideTurn(start, end, last + value[start], value, advantage);
        for (int t = start; t < end; t++) {
          if (!biLevel) advantage[t] = last;
          weight[t] = biLevel ? 1 : 1.0 / (end - start);
        }
        end = start;
      }
    }
    return whiten ? whitened(advantage, weight) : advantage;
  }

  private void insideTurn(int start, int end, double reward, double[] value, double[] advantage) {
    double nextValue = 0, last = 0;
    for (int t = end - 1; t >= start; t--) {
      last = (t == end - 1 ? reward : 0) + tokenGamma * nextValue - value[t] + tokenGamma * lambda * last;
      nextValue = value[t];
      advantage[t] = last;
    }
  }

  /** Weighted so that each turn (or token) counts once; fewer than two leave the advantages as they are. */
  private static double[] whitened(double[] advantage, double[] weight) {
    double n = 0, mean = 0, square = 0;
    for (int t = 0; t < advantage.length; t++) {
      n += weight[t];
      mean += weight[t] * advantage[t];
    }
    if (Math.rint(n) < 2) return advantage;
    mean /= n;
    for (int t = 0; t < advantage.length; t++) square += weight[t] * (advantage[t] - mean) * (advantage[t] - mean);
    double scale = 1 / Math.sqrt(square / (n - 1) + EPSILON);
    double[] result = new double[advantage.length];
    for (int t = 0; t < result.length; t++) result[t] = (advantage[t] - mean) * scale;
    return result;
  }
}
