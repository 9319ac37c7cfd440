package io.ballast.advantage;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * DCPO's smooth advantage standardisation: a prompt's rewards of this step are blended with all it has ever earned.
 *
 * <pre>
 *   m, s: mean and deviation (n − 1) of this step's group;  μ, σ, n: those remembered of n earlier visits;  i = n + 1
 *   μ' = (n μ + m)/i,   σ'² = (n σ² + s² + (n/i)(m − μ)²)/i           first visit: m, s
 *   A_new = (R − m)/s,   A_tot = (R − μ')/σ'                          0 where the deviation is 0
 *   S1 = ((i−1) A_new + A_tot)/i,   S2 = (A_new + (i−1) A_tot)/i
 *   A = S1 if |S1| &lt; |S2| else S2
 * </pre>
 *
 * @param history what is remembered, by prompt
 * @see <a href="https://arxiv.org/abs/2509.02333">DCPO</a>
 */
public record SmoothStandardised(Map<Long, Visits> history) implements AdvantageEstimator {

  /** Mean, deviation and number of the visits to a prompt. */
  public record Visits(double mean, double deviation, long times) {
    private static final Visits NONE = new Visits(0, 0, 0);

    Visits with(double m, double s) {
      if (times == 0) return new Visits(m, s, 1);
      double n = times, i = n + 1, shift = m - mean;
      return new Visits((n * mean + m) / i, Math.sqrt((n * deviation * deviation + s * s + n / i * shift * shift) / i), times + 1);
    }
  }

  public SmoothStandardised {
    history = Map.copyOf(history);
  }

  public SmoothStandardised() {
    this(Map.of());
  }

  @Override public double[] estimate(Rewards rewards) {
    Groups groups = Groups.of(rewards);
    double[] mean = groups.mean(rewards.reward()), deviation = groups.deviation(rewards.reward(), 1);
    double[] advantage = new double[rewards.samples()];
    for (int s = 0; s < advantage.length; s++) {
      int g = groups.of(s);
      Visits total = visits(rewards.prompt()[s]).with(mean[g], deviation[g]);
      double i = total.times, reward = rewards.reward()[s];
      double now = standard(reward, mean[g], deviation[g]), ever = standard(reward, total.mean, total.deviation);
      double s1 = ((i - 1) * now + ever) / i, s2 = (now + (i - 1) * ever) / i;
      advantage[s] = Math.abs(s1) < Math.abs(s2) ? s1 : s2;
    }
    return rewards.perToken(advantage);
  }

  private Visits visits(long prompt) {
    return history.getOrDefault(prompt, Visits.NONE);
  }

  private static double standard(double reward, double mean, double deviation) {
    return deviation > 0 ? (reward - mean) / deviation : 0;
  }

  @Override public AdvantageEstimator next(Rewards rewards) {
    Groups groups = Groups.of(rewards);
    double[] mean = groups.mean(rewards.reward()), deviation = groups.deviation(rewards.reward(), 1);
    Map<Long, Visits> grown = new LinkedHashMap<>(history);
    boolean[] seen = new boolean[groups.count()];
    for (int s = 0; s < rewards.samples(); s++) {
      int g = groups.of(s);
      if (seen[g]) continue;
      seen[g] = true;
      grown.put(rewards.prompt()[s], visits(rewards.prompt()[s]).with(mean[g], deviation[g]));
    }
    return new SmoothStandardised(grown);
  }

  @Override public Map<String, double[]> memory() {
    var sorted = new TreeMap<>(history);
    return Map.of(
        PROMPT, sorted.keySet().stream().mapToDouble(Long::doubleValue).toArray(),
        MEAN, sorted.values().stream().mapToDouble(Visits::mean).toArray(),
        DEVIATION, sorted.values().stream().mapToDouble(Visits::deviation).toArray(),
        TIMES, sorted.values().stream().mapToDouble(Visits::times).toArray());
  }

  @Override public AdvantageEstimator remembering(Map<String, double[]> memory) {
    if (!memory.keySet().equals(memory().keySet())) {
      throw new IllegalArgumentException("this estimator remembers %s, yet the checkpoint holds %s".formatted(memory().keySet(), memory.keySet()));
    }
    Map<Long, Visits> history = new LinkedHashMap<>();
    for (int i = 0; i < memory.get(PROMPT).length; i++) {
      history.put((long) memory.get(PROMPT)[i],
          new Visits(memory.get(MEAN)[i], memory.get(DEVIATION)[i], (long) memory.get(TIMES)[i]));
    }
    return new SmoothStandardised(history);
  }

  private static final String PROMPT = "visited-prompt", MEAN = "visited-mean", DEVIATION = "visited-deviation", TIMES = "visited-times";

  @Override public boolean comparesAnswers() {
    return true;
  }
}
