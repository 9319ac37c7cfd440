package io.ballast.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.advantage.GroupNormalised.Scale;
import io.ballast.objective.Column;
import io.ballast.testkit.EstimatorKit;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The laws for every baseline of the first family, and each worked by hand. */
class BaselinesTest {

  /** Samples of one token each, in groups. */
  private static Rewards rewards(int[] group, double... reward) {
    int[] offsets = new int[reward.length + 1];
    Arrays.setAll(offsets, s -> s);
    return new Rewards(group, reward, offsets, Map.of(), Map.of());
  }

  private static final Rewards ONE_OF_FOUR = rewards(new int[4], 1, 0, 0, 0);

  @Nested class GroupZScore extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new GroupNormalised(Scale.GROUP, 1e-6);
    }

    /** mean ¼; Σ(R − ¼)² = 9/16 + 3/16 = ¾, over 3 is ¼, σ = ½: A = ¾/(½ + 1e-6) and −¼/(½ + 1e-6). */
    @Test void four_samples_by_hand() {
      assertThat(estimator().estimate(ONE_OF_FOUR)).containsExactly(new double[] {1.5, -0.5, -0.5, -0.5}, within(1e-5));
      assertThat(estimator().estimate(ONE_OF_FOUR)[0]).isCloseTo(0.75 / (0.5 + 1e-6), within(1e-15));
    }

    @Test void equal_rewards_give_exactly_zero() {
      assertThat(estimator().estimate(rewards(new int[3], 0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2))).containsExactly(0, 0, 0);
    }
  }

  @Nested class GroupMean extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new GroupNormalised(Scale.NONE, 0);
    }

    @Test void four_samples_by_hand() {
      assertThat(estimator().estimate(ONE_OF_FOUR)).containsExactly(0.75, -0.25, -0.25, -0.25);
    }
  }

  @Nested class BatchZScore extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new GroupNormalised(Scale.BATCH, 0);
    }

    /** All rewards: mean ½, Σ(R − ½)² = 2, over 7, σ = 0.5345. Group means ¼ and ¾: A = ±¾/σ and ∓¼/σ. */
    @Test void two_groups_by_hand() {
      double[] advantage = estimator().estimate(rewards(new int[] {0, 0, 0, 0, 1, 1, 1, 1}, 1, 0, 0, 0, 1, 1, 1, 0));
      assertThat(advantage).containsExactly(new double[] {1.403, -0.468, -0.468, -0.468, 0.468, 0.468, 0.468, -1.403}, within(5e-4));
    }
  }

  @Nested class Rloo extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new LeaveOneOut();
    }

    /** The first sample's baseline is 0, each other's is 1/3. */
    @Test void four_samples_by_hand() {
      assertThat(estimator().estimate(ONE_OF_FOUR)).containsExactly(new double[] {1, -1 / 3.0, -1 / 3.0, -1 / 3.0}, within(1e-15));
    }

    @Test void is_dr_grpo_times_n_over_n_minus_one() {
      Rewards rewards = random(4);
      double[] centred = new GroupNormalised(Scale.NONE, 0).estimate(rewards), loo = estimator().estimate(rewards);
      for (int t = 0; t < loo.length; t++) assertThat(loo[t]).isCloseTo(4 / 3.0 * centred[t], within(1e-15));
    }
  }

  @Nested class Opo extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new LengthWeightedBaseline();
    }

    /** Lengths 10, 20, 30, 40: b = 10/100 = 0.1. */
    @Test void four_samples_by_hand() {
      Rewards rewards = new Rewards(new int[4], new double[] {1, 0, 0, 0}, new int[] {0, 10, 30, 60, 100}, Map.of(), Map.of());
      double[] advantage = estimator().estimate(rewards);
      assertThat(new double[] {advantage[0], advantage[10], advantage[30], advantage[99]}).containsExactly(new double[] {0.9, -0.1, -0.1, -0.1}, within(1e-15));
      assertThat(Arrays.stream(advantage).sum()).isCloseTo(0, within(1e-12));
    }
  }

  @Nested class ReinforcePp extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new WhitenedReturn(1, 0, false);
    }

    /**
     * Two answers of 1 and 3 tokens, rewards 1 and 0: returns (1, 0, 0, 0), mean ¼, variance ¼ (n − 1).
     * A = ¾/√(¼ + 1e-8) and −¼/√(¼ + 1e-8).
     */
    @Test void four_tokens_by_hand() {
      Rewards rewards = new Rewards(new int[] {0, 1}, new double[] {1, 0}, new int[] {0, 1, 4}, Map.of(), Map.of());
      double sigma = Math.sqrt(0.25 + 1e-8);
      assertThat(estimator().estimate(rewards)).containsExactly(new double[] {0.75 / sigma, -0.25 / sigma, -0.25 / sigma, -0.25 / sigma}, within(1e-14));
    }
  }

  @Nested class ReinforcePpWithKlAndDiscount extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new WhitenedReturn(0.5, 0.1, false);
    }

    @Override protected boolean wholeAnswers() {
      return false;
    }

    /**
     * One answer, R = 1, β = 0.1, γ = ½, oldLogp − refLogp = (1, 2): r = (−0.1, 1 − 0.2), G = (−0.1 + 0.4, 0.8) = (0.3, 0.8).
     * mean 0.55, variance 0.125: A = ∓0.25/√(0.125 + 1e-8).
     */
    @Test void two_tokens_by_hand() {
      Rewards rewards = new Rewards(new int[1], new double[] {1}, new int[] {0, 2}, Map.of(),
          Map.of(Column.OLD_LOGP, new double[] {-1, -1}, Column.REF_LOGP, new double[] {-2, -3}));
      double a = 0.25 / Math.sqrt(0.125 + 1e-8);
      assertThat(estimator().estimate(rewards)).containsExactly(new double[] {-a, a}, within(1e-12));
    }
  }

  @Nested class ReinforcePpBaseline extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new WhitenedReturn(1, 0, true);
    }
  }

  @Nested class ReMax extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new GreedyBaseline(OptionalDouble.of(0.4), 0);
    }

    /** Greedy 0.5: R = 1 gives 0.5, clamped to 0.4; R = 0.3 gives −0.2. */
    @Test void two_samples_by_hand() {
      Rewards rewards = new Rewards(new int[2], new double[] {1, 0.3}, new int[] {0, 1, 2}, Map.of(),
          Map.of(Column.GREEDY_REWARD, new double[] {0.5, 0.5}));
      assertThat(estimator().estimate(rewards)).containsExactly(new double[] {0.4, -0.2}, within(1e-15));
    }
  }

  @Nested class ReMaxWithKl extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new GreedyBaseline(OptionalDouble.empty(), 0.1);
    }

    @Override protected boolean wholeAnswers() {
      return false;
    }

    /** R − b = 0.5, oldLogp − refLogp = (2, 3), β = 0.1: the first token still has both penalties ahead, the last one its own. */
    @Test void the_penalty_counts_from_the_token_on() {
      Rewards rewards = new Rewards(new int[1], new double[] {1}, new int[] {0, 2}, Map.of(), Map.of(Column.GREEDY_REWARD, new double[] {0.5, 0.5},
          Column.OLD_LOGP, new double[] {-1, -1}, Column.REF_LOGP, new double[] {-3, -4}));
      assertThat(estimator().estimate(rewards)).containsExactly(new double[] {0, 0.2}, within(1e-15));
    }
  }

  @Nested class Whitened extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new WhitenedReturn(1, 0, false, true);
    }

    /** Returns (1, 0, 0, 0): mean ¼, deviation ½ (n − 1): A = ¾/(½ + 1e-8) and −¼/(½ + 1e-8). */
    @Test void four_tokens_by_hand() {
      Rewards rewards = new Rewards(new int[] {0, 1}, new double[] {1, 0}, new int[] {0, 1, 4}, Map.of(), Map.of());
      double sigma = 0.5 + 1e-8;
      assertThat(estimator().estimate(rewards)).containsExactly(new double[] {0.75 / sigma, -0.25 / sigma, -0.25 / sigma, -0.25 / sigma}, within(1e-14));
    }
  }

  @Nested class PenalisedByKl extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new PenalisedReward(0.1, new LeaveOneOut());
    }

    /** R = (1, 0), β = 0.1, Σ(oldLogp − refLogp) = (2, 0): R' = (0.8, 0), A = ±0.8. */
    @Test void two_samples_by_hand() {
      Rewards rewards = new Rewards(new int[2], new double[] {1, 0}, new int[] {0, 1, 2}, Map.of(),
          Map.of(Column.OLD_LOGP, new double[] {-1, -1}, Column.REF_LOGP, new double[] {-3, -1}));
      assertThat(estimator().estimate(rewards)).containsExactly(new double[] {0.8, -0.8}, within(1e-15));
    }
  }

  @Nested class Gpg extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new InformativeGroups();
    }

    /** Four samples, two of them in a group whose rewards are equal: α = 4/2, A = 2 · ±½ and 0. */
    @Test void two_groups_by_hand() {
      assertThat(estimator().estimate(rewards(new int[] {0, 0, 1, 1}, 1, 0, 1, 1))).containsExactly(1, -1, 0, 0);
    }
  }

  @Nested class Beta extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new BetaNormalised(0, 1);
    }

    /**
     * p = (¼, ½, ¾, ½): m = ½, v = 1/24, f = ¼ · 24 − 1 = 5, α = β = 1 + 2.5/3 = 1.8333; weights 1/pdf are 0.890 and 0.700.
     * A of a success is weight · (1 − p), of a failure −weight · p.
     */
    @Test void four_groups_by_hand() {
      int[] group = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
      double[] advantage = estimator().estimate(rewards(group, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0));
      assertThat(advantage[0]).isCloseTo(0.890 * 0.75, within(5e-4));
      assertThat(advantage[1]).isCloseTo(-0.890 * 0.25, within(5e-4));
      assertThat(advantage[4]).isCloseTo(0.700 * 0.5, within(5e-4));
      assertThat(advantage[11]).isCloseTo(-0.890 * 0.75, within(5e-4));
    }

    @Test void a_single_group_has_weight_one() {
      assertThat(estimator().estimate(ONE_OF_FOUR)).containsExactly(new double[] {0.75, -0.25, -0.25, -0.25}, within(1e-12));
    }

    /** Rates 0.95 and 0.05: mean ½, variance 0.405, f = 0.25/0.405 − 1 below 0, so α = β = 1 and the density is 1. */
    @Test void with_a_flat_density_it_is_reward_minus_group_mean() {
      Rewards rewards = rewards(new int[] {0, 0, 1, 1}, 0.9, 1, 0, 0.1);
      double[] centred = new GroupNormalised(Scale.NONE, 0).estimate(rewards);
      assertThat(new BetaNormalised(0, 1).estimate(rewards)).containsExactly(centred, within(1e-14));
    }

    /** Rates ½ ± 0.1 and ½ ± √0.08375: mean ½, variance 1/16, f = 3, α = β = 3/2, so weights go like 1/√(p (1 − p)), GRPO's for right and wrong. */
    @Test void with_three_halves_it_divides_by_the_deviation_of_right_and_wrong() {
      double far = Math.sqrt(0.08375);
      double[] rate = {0.4, 0.6, 0.5 - far, 0.5 + far}, reward = new double[8];
      for (int g = 0; g < 4; g++) {
        reward[2 * g] = rate[g] - 0.05;
        reward[2 * g + 1] = rate[g] + 0.05;
      }
      double[] advantage = new BetaNormalised(0, 1).estimate(rewards(new int[] {0, 0, 1, 1, 2, 2, 3, 3}, reward));
      for (int g = 0; g < 4; g++) {
        double weight = advantage[2 * g + 1] / 0.05, deviation = Math.sqrt(rate[g] * (1 - rate[g]));
        assertThat(weight * deviation).as("weight times deviation of group " + g).isCloseTo(Math.PI / 8, within(1e-12));
      }
    }
  }

  @Nested class Smooth extends EstimatorKit {
    @Override protected AdvantageEstimator estimator() {
      return new SmoothStandardised();
    }

    /** At the first visit it is the plain z-score, without epsilon. */
    @Test void first_visit_by_hand() {
      assertThat(estimator().estimate(ONE_OF_FOUR)).containsExactly(new double[] {1.5, -0.5, -0.5, -0.5}, within(1e-15));
    }

    /**
     * First visit R = (1, 0): m ½, s² ½. Second visit R = (1, 1): m 1, s 0, n = 1, i = 2.
     * μ' = ¾, σ'² = (½ + 0 + ½ · ¼)/2 = 0.3125; A_new = 0, A_tot = 0.25/0.55902 = 0.44721; S1 = S2 = A = 0.22361.
     */
    @Test void second_visit_by_hand() {
      AdvantageEstimator later = estimator().next(rewards(new int[2], 1, 0));
      assertThat(later.estimate(rewards(new int[2], 1, 1))).containsExactly(new double[] {0.223607, 0.223607}, within(1e-6));
    }
  }

  /** The documented example: limit 100, buffer 20. */
  @Test void overlong_answers_are_punished_softly() {
    OverlongPenalty penalty = new OverlongPenalty(100, 20, 1);
    assertThat(new double[] {penalty.of(80), penalty.of(90), penalty.of(100), penalty.of(130)}).containsExactly(0, -0.5, -1, -1);
  }

  @Test void dynamic_sampling_keeps_groups_that_differ_and_single_answers() {
    DynamicSampling filter = new DynamicSampling();
    assertThat(filter.keeps(new double[] {1, 0, 1})).isTrue();
    assertThat(filter.keeps(new double[] {1, 1, 1})).isFalse();
    assertThat(filter.keeps(new double[] {0})).isTrue();
  }
}
