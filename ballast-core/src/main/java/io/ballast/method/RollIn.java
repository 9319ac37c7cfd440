package io.ballast.method;

import io.ballast.objective.Check;
import java.util.List;

/**
 * Where answers start: with probability {@code share} a prompt's answers go on from the first h tokens of a correct trace. Those are
 * context: sampled by nobody, not trained on, without ratio, part of the answer that is checked.
 *
 * <pre>   h = ⌊cut · n⌋,  n tokens of the trace;  cut one of {@code cuts}, each as likely, or uniform in [0, 1) where there are none</pre>
 *
 * @param share of the prompts, in [0, 1]
 * @param cuts fractions of the trace, each in [0, 1)
 * @see <a href="https://arxiv.org/abs/2404.08495">Dataset Reset Policy Optimization</a>, uniform; the law of the cut is ours
 * @see <a href="https://arxiv.org/abs/2601.18795">PrefixRL</a>, a grid
 */
public record RollIn(double share, List<Double> cuts) {
  /** Answers start where prompts end. */
  public static final RollIn NONE = new RollIn(0, List.of());

  public RollIn {
    Check.within("share of prompts with a roll-in", share, 0, 1);
    for (double cut : cuts) Check.within("cut", cut, 0, Math.nextDown(1.0));
    cuts = List.copyOf(cuts);
  }

  /**
   * Tokens of the trace that are given, 0 for none.
   *
   * @param length tokens of the trace
   * @param whether, where two numbers in [0, 1), drawn for the prompt's visit
   */
  public int tokens(int length, double whether, double where) {
    if (whether >= share) return 0;
    double cut = cuts.isEmpty() ? where : cuts.get((int) (where * cuts.size()));
    return (int) (cut * length);
  }
}
