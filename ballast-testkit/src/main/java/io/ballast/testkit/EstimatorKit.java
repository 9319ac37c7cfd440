package io.ballast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.advantage.AdvantageEstimator;
import io.ballast.advantage.Rewards;
import io.ballast.objective.Column;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The laws every advantage estimator obeys. Its test extends this, names the estimator and adds a case worked by hand. */
public abstract class EstimatorKit {

  protected abstract AdvantageEstimator estimator();

  /** Whether all tokens of a sample get the same advantage. */
  protected boolean wholeAnswers() {
    return true;
  }

  /** Random rewards: 12 samples of 3 prompts, interleaved, with the columns estimators read. */
  public static Rewards random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int samples = 12;
    int[] group = new int[samples], offsets = new int[samples + 1];
    double[] reward = new double[samples], correct = new double[samples];
    for (int s = 0; s < samples; s++) {
      group[s] = 5 + s % 3;
      offsets[s + 1] = offsets[s] + 1 + random.nextInt(6);
      correct[s] = random.nextInt(2);
      reward[s] = correct[s];
    }
    int tokens = offsets[samples];
    Map<String, double[]> columns = new HashMap<>();
    for (String name : List.of(Column.LOGP, Column.OLD_LOGP, Column.BEHAVIOUR_LOGP, Column.REF_LOGP, Column.VALUE, Column.ENTROPY)) {
      columns.put(name, random.doubles(tokens, -2, -0.01).toArray());
    }
    columns.put(Column.GREEDY_REWARD, new double[tokens]);
    Arrays.fill(columns.get(Column.GREEDY_REWARD), 0.5);
    return new Rewards(group, reward, offsets, Map.of("correct", correct), columns);
  }

  /** Samples in another order. */
  protected static Rewards permuted(Rewards rewards, int[] order) {
    int[] group = new int[order.length], offsets = new int[order.length + 1];
    double[] reward = new double[order.length];
    long[] prompt = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      group[i] = rewards.group()[order[i]];
      reward[i] = rewards.reward()[order[i]];
      prompt[i] = rewards.prompt()[order[i]];
      offsets[i + 1] = offsets[i] + rewards.length(order[i]);
    }
    Map<String, double[]> columns = new HashMap<>(), parts = new HashMap<>();
    rewards.columns().forEach((name, values) -> columns.put(name, slices(rewards, values, order)));
    rewards.parts().forEach((name, values) -> parts.put(name, Arrays.stream(order).mapToDouble(s -> values[s]).toArray()));
    return new Rewards(group, reward, offsets, parts, columns, prompt);
  }

  private static double[] slices(Rewards rewards, double[] values, int[] order) {
    return Arrays.stream(order).boxed()
        .flatMapToDouble(s -> Arrays.stream(values, rewards.offsets()[s], rewards.offsets()[s + 1])).toArray();
  }

  private static List<Rewards> cases() {
    return LongStream.rangeClosed(1, 6).mapToObj(EstimatorKit::random).toList();
  }

  @Test void gives_a_finite_advantage_to_every_token() {
    for (Rewards rewards : cases()) {
      double[] advantage = estimator().estimate(rewards);
      assertThat(advantage).hasSize(rewards.tokens());
      for (double a : advantage) assertThat(a).isFinite();
      if (!wholeAnswers()) continue;
      for (int s = 0; s < rewards.samples(); s++) {
        for (int t = rewards.offsets()[s]; t < rewards.offsets()[s + 1]; t++) assertThat(advantage[t]).isEqualTo(advantage[rewards.offsets()[s]]);
      }
    }
  }

  @Test void permuting_samples_permutes_the_advantages() {
    int[] order = {7, 3, 11, 0, 5, 9, 1, 10, 2, 8, 4, 6};
    for (Rewards rewards : cases()) {
      double[] expected = slices(rewards, estimator().estimate(rewards), order);
      assertThat(estimator().estimate(permuted(rewards, order))).containsExactly(expected, within(1e-10));
    }
  }

  @Test void inputs_are_untouched_and_two_calls_agree_bit_for_bit() {
    for (Rewards rewards : cases()) {
      double[] before = rewards.reward().clone();
      AdvantageEstimator estimator = estimator();
      double[] first = estimator.estimate(rewards);
      estimator.next(rewards);
      assertThat(rewards.reward()).isEqualTo(before);
      assertThat(estimator.estimate(rewards)).isEqualTo(first);
    }
  }

  @Test void all_equal_rewards_stay_finite() {
    Rewards some = random(3);
    double[] same = new double[some.samples()];
    Arrays.fill(same, 0.1 + 0.2);
    for (double a : estimator().estimate(some.withReward(same))) assertThat(a).isFinite();
  }

  /** Alone in its group it has nothing to be compared with: never A = R silently. */
  @Test void an_answer_alone_in_its_group_earns_nothing_by_its_reward_where_answers_are_compared() {
    if (!estimator().comparesAnswers()) return;
    assertThat(estimator().estimate(lonely(0.9))[2]).isCloseTo(estimator().estimate(lonely(0.1))[2], within(1e-12));
  }

  private static Rewards lonely(double reward) {
    double[] column = {-1, -1, -1};
    return new Rewards(new int[] {1, 1, 9}, new double[] {1, 0, reward}, new int[] {0, 1, 2, 3}, Map.of(),
        Map.of(Column.OLD_LOGP, column, Column.REF_LOGP, column, Column.LOGP, column));
  }

  @Test void memory_survives_a_round_trip() {
    AdvantageEstimator lived = estimator();
    for (Rewards rewards : cases()) lived = lived.next(rewards);
    assertThat(lived.memory().keySet()).isEqualTo(estimator().memory().keySet());
    AdvantageEstimator restored = estimator().remembering(lived.memory());
    for (Rewards rewards : cases()) assertThat(restored.estimate(rewards)).isEqualTo(lived.estimate(rewards));
  }
}
