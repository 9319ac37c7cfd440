package io.ballast.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.KlPenalty.Estimator;
import io.ballast.testkit.Batches;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** How objectives are put together: aggregations, penalties, sums, corrections. */
class AlgebraTest {
  private static final Clip CLIP = new Clip(0.8, 1.2);

  private static PolicyObjective ppo(Aggregation aggregation) {
    return PolicyObjective.of(new TokenRatio(), CLIP, aggregation);
  }

  /** Sequences of 1 and 3 tokens, two prompts: every weight written out. */
  @Test void weights_by_hand() {
    TokenBatch batch = new TokenBatch(new int[] {0, 1, 4}, new int[] {0, 1}, new int[] {0, 1}, new double[4], new double[4], new double[4],
        Map.of(), new StepTotals(2, 4, 2, 10));
    Map<Aggregation, double[]> expected = Map.of(
        new Aggregation.TokenMean(), new double[] {1 / 4.0, 1 / 4.0},
        new Aggregation.SeqMeanTokenMean(), new double[] {1 / 2.0, 1 / 6.0},
        new Aggregation.SeqMeanTokenSum(), new double[] {1 / 2.0, 1 / 2.0},
        new Aggregation.Constant(OptionalInt.empty()), new double[] {1 / 20.0, 1 / 20.0},
        new Aggregation.Constant(OptionalInt.of(5)), new double[] {1 / 10.0, 1 / 10.0},
        new Aggregation.TokenMeanLocal(), new double[] {1 / 4.0, 1 / 4.0},
        new Aggregation.PromptMean(), new double[] {1 / 2.0, 1 / 6.0});
    expected.forEach((aggregation, weights) ->
        assertThat(aggregation.weights(batch)).as(aggregation.toString()).containsExactly(weights, within(1e-15)));
  }

  /** 10 tokens of loss 1 and 90 of loss 0 in two micro-batches: 0.1 over the step, 0.5 as a mean of micro-batch means. */
  @Test void token_mean_does_not_depend_on_the_split_and_token_mean_local_does() {
    double[][] ratios = {new double[10], new double[90]};
    Arrays.fill(ratios[0], 1);
    Arrays.fill(ratios[1], 1);
    TokenBatch whole = Batches.ratios(ratios, -1, 0);
    double global = 0, local = 0;
    for (int s = 0; s < 2; s++) {
      global += ppo(new Aggregation.TokenMean()).evaluate(whole.part(s)).loss();
      local += ppo(new Aggregation.TokenMeanLocal()).evaluate(whole.part(s)).loss();
    }
    assertThat(global).isCloseTo(0.1, within(1e-12));
    assertThat(local).isCloseTo(0.5, within(1e-12));
  }

  @Test void delta_above_the_upper_bound_is_the_dual_clip() {
    TokenBatch batch = Batches.random(1, 10, 9, 1.0);
    Evaluation dual = PolicyObjective.of(new TokenRatio(), new Clip(0.8, 1.2, 1.7), new Aggregation.TokenMean()).evaluate(batch);
    double[] weights = new Aggregation.TokenMean().weights(batch);
    double loss = 0;
    for (int t = 0; t < batch.tokens(); t++) { // two-sided clipping as INTELLECT-2 prints it
      double x = batch.ratio(t), a = batch.advantage()[t];
      loss -= weights[0] * Math.min(Math.min(x, 1.7) * a, Math.clamp(x, 0.8, 1.2) * a);
    }
    assertThat(dual.loss()).isCloseTo(loss, within(1e-12));
  }

  /** On the bound itself the whole gradient flows; a hair outside, none. */
  @Test void the_bound_itself_is_inside() {
    TokenBatch batch = new TokenBatch(new int[] {0, 2}, new int[1], new int[1], new double[] {Math.log(1.2) - 1, Math.log(1.2) - 1 + 1e-12},
        new double[] {-1, -1}, new double[] {1, 1}, Map.of(), new StepTotals(1, 2, 1, 2));
    double x = batch.ratio(0);
    Evaluation result = PolicyObjective.of(new TokenRatio(), new Clip(0.8, x), new Aggregation.TokenMean()).evaluate(batch);
    assertThat(result.dlogp()[0]).isCloseTo(-0.6, within(1e-12));
    assertThat(result.dlogp()[1]).isZero();
  }

  /** y = logp − refLogp = ln 2, ρ = 1: k1 = ln 2, k2 = ln²2/2, k3 = ½ − 1 + ln 2, and their slopes. */
  @Test void kl_estimators_by_hand() {
    double y = Math.log(2), k3 = 0.5 - 1 + y;
    TokenBatch batch = Batches.ratios(new double[][] {{1}}, 0).withColumn(Column.REF_LOGP, new double[] {-1 - y});
    Map<Estimator, double[]> expected = Map.of(
        Estimator.K1, new double[] {y, 1}, Estimator.K2, new double[] {y * y / 2, y}, Estimator.K3, new double[] {k3, 0.5},
        Estimator.ABS, new double[] {y, 1}, Estimator.UNBIASED_K3, new double[] {k3, y},
        Estimator.K1_PLUS, new double[] {y, y}, Estimator.K3_PLUS, new double[] {k3, y});
    assertThat(expected).hasSize(Estimator.values().length);
    expected.forEach((estimator, values) -> {
      Evaluation result = ppo(new Aggregation.TokenMean()).with(new KlPenalty(0.1, estimator)).evaluate(batch);
      assertThat(result.loss()).as(estimator + " value").isCloseTo(0.1 * values[0], within(1e-15));
      assertThat(result.dlogp()[0]).as(estimator + " slope").isCloseTo(0.1 * values[1], within(1e-15));
      assertThat(result.metrics().get("kl-reference").value()).isCloseTo(values[0], within(1e-15));
    });
  }

  @Test void masks_leave_denominators_and_penalties_alone() {
    TokenBatch batch = Batches.random(3);
    PolicyObjective kl = ppo(new Aggregation.TokenMean()).with(new KlPenalty(0.1, Estimator.K3));
    Evaluation free = kl.evaluate(batch), none = kl.with(new TruncatedImportance(TruncatedImportance.Against.CURRENT, 1e-300)).evaluate(batch);
    Evaluation penalty = PolicyObjective.of(new TokenRatio(), WeightClip.NONE, new Aggregation.TokenMean())
        .with(new KlPenalty(0.1, Estimator.K3)).evaluate(batch.withAdvantage(new double[batch.tokens()]));
    assertThat(none.loss()).isCloseTo(penalty.loss(), within(1e-12));
    assertThat(none.dlogp()).containsExactly(penalty.dlogp(), within(1e-12));
    assertThat(free.loss()).isNotEqualTo(none.loss());
  }

  @Test void objectives_add_up_and_scale() {
    TokenBatch batch = Batches.random(4);
    Objective a = ppo(new Aggregation.TokenMean()), b = ppo(new Aggregation.SeqMeanTokenSum()).with(new EntropyBonus(0.1, null));
    Evaluation sum = a.plus(b.times(0.5)).evaluate(batch), first = a.evaluate(batch), second = b.evaluate(batch);
    assertThat(sum.loss()).isCloseTo(first.loss() + 0.5 * second.loss(), within(1e-12));
    for (int t = 0; t < batch.tokens(); t++) {
      assertThat(sum.dlogp()[t]).isCloseTo(first.dlogp()[t] + 0.5 * second.dlogp()[t], within(1e-12));
      assertThat(sum.gradients().get(Column.ENTROPY)[t]).isCloseTo(0.5 * second.gradients().get(Column.ENTROPY)[t], within(1e-12));
    }
  }

  /** PPO is proportional to the advantage, so weighting its terms and weighting its advantages agree. */
  @Test void a_foreign_objective_is_corrected_through_its_advantages() {
    TokenBatch batch = Batches.random(5);
    Weighting correction = new TruncatedImportance(TruncatedImportance.Against.PROXIMAL, 1.1);
    PolicyObjective own = ppo(new Aggregation.TokenMean());
    Objective foreign = own::evaluate;
    Evaluation expected = own.corrected(correction).evaluate(batch), corrected = foreign.corrected(correction).evaluate(batch);
    assertThat(corrected.loss()).isCloseTo(expected.loss(), within(1e-12));
    assertThat(corrected.dlogp()).containsExactly(expected.dlogp(), within(1e-12));
  }

  @Test void a_shared_ratio_spreads_its_gradient_and_the_stop_gradient_form_keeps_it() {
    double[] advantages = {1, 0, 0};
    TokenBatch batch = Batches.ratios(new double[][] {{1, 1, 1}}, 1).withAdvantage(advantages);
    double[] shared = PolicyObjective.of(SegmentRatio.sequenceMean(SegmentRatio.Gradient.SHARED), CLIP, new Aggregation.TokenMean()).evaluate(batch).dlogp();
    double[] own = PolicyObjective.of(SegmentRatio.sequenceMean(SegmentRatio.Gradient.OWN), CLIP, new Aggregation.TokenMean()).evaluate(batch).dlogp();
    assertThat(shared).containsExactly(new double[] {-1 / 9.0, -1 / 9.0, -1 / 9.0}, within(1e-15));
    assertThat(own).containsExactly(new double[] {-1 / 3.0, 0, 0}, within(1e-15));
  }

  @Test void quantiles_interpolate_linearly() {
    double[] values = {5, 1, 4, 2, 3};
    assertThat(Quantile.of(values, 0.5)).isEqualTo(3);
    assertThat(Quantile.of(values, 0.8)).isCloseTo(4.2, within(1e-15));
    assertThat(Quantile.of(values, 0)).isEqualTo(1);
    assertThat(Quantile.of(values, 1)).isEqualTo(5);
    assertThat(values).containsExactly(5, 1, 4, 2, 3);
  }

  @Test void bad_batches_are_refused_where_they_are_wrong() {
    assertThatThrownBy(() -> Batches.random(1).withLogp(new double[1])).hasMessageContaining("logp has 1 values");
    double[] bad = Batches.random(1).logp().clone();
    bad[bad.length - 1] = Double.NaN;
    assertThatThrownBy(() -> Batches.random(1).withLogp(bad)).hasMessageMatching("sequence 9, token \\d+: logp is NaN; it must be a finite number");
    assertThatThrownBy(() -> new Clip(Double.NaN, 1.2)).hasMessageContaining("lower ratio bound").hasMessageContaining("NaN");
  }

  @Test void metrics_of_parts_merge_and_of_different_kinds_do_not() {
    List<Metric> parts = List.of(new Metric.Mean(1, 2), new Metric.Mean(5, 2));
    assertThat(parts.get(0).merge(parts.get(1)).value()).isEqualTo(1.5);
    assertThat(new Metric.Max(1).merge(new Metric.Max(3)).value()).isEqualTo(3);
    assertThatThrownBy(() -> new Metric.Sum(1).merge(new Metric.Max(1))).isInstanceOf(IllegalArgumentException.class);
  }
}
