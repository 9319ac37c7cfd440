package io.ballast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ballast.advantage.Rewards;
import io.ballast.method.Assembly;
import io.ballast.method.Method;
import io.ballast.method.Methods;
import io.ballast.method.Setting;
import io.ballast.objective.Aggregation;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.MissingColumnException;
import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.TokenBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * The laws every objective obeys. A method's test extends this, names the method and the settings worth testing, and adds a case
 * worked by hand.
 *
 * <p>Where a method detaches something, the loss it reports is not the function whose gradient it reports. Its test then overrides
 * {@link #surrogate} with that function, written independently: what is detached is computed from {@code base}, the rest from
 * {@code moved}. {@link Surrogates} sums such terms.
 */
public abstract class ObjectiveKit {

  private static final double STEP = 1e-5;

  /** The method's id. */
  protected abstract String method();

  /** The settings under which every law is tested, the first of them for the on-policy law; override to add more. */
  protected List<Map<String, Object>> variants() {
    return List.of(Map.of());
  }

  /** The batches on which every law is tested. */
  protected List<TokenBatch> batches() {
    return LongStream.rangeClosed(1, 4).mapToObj(seed -> dressed(Batches.random(seed, 10, 9, 0.15 * seed))).toList();
  }

  /** A batch as this method needs it: override to add columns that only some methods read, or other advantages. */
  protected TokenBatch dressed(TokenBatch batch) {
    return batch;
  }

  /** The function of {@code moved.logp()} whose derivative at {@code moved = base} is dlogp. */
  protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    return objective.prepared(base).evaluate(moved).loss();
  }

  /** u in dlogp = −w u A at ratio one, as published; NaN where it is not one number, and the law is then skipped. */
  protected double slopeAtRatioOne() {
    return 1;
  }

  /** Share of tokens that may lie too near a kink to be differenced. */
  protected double kinkyShare() {
    return 0.1;
  }

  /** The aggregation of an objective put together from parts, for surrogates. */
  protected static Aggregation aggregation(Objective objective) {
    return ((PolicyObjective) objective).aggregation();
  }

  protected final Objective objective(Map<String, Object> settings) {
    return assembly(settings).objective();
  }

  protected final Assembly assembly(Map<String, Object> settings) {
    return Methods.named(method()).assemble(settings);
  }

  @Test void gradient_matches_central_differences_away_from_kinks() {
    forEach((objective, batch, where) -> {
      Evaluation result = objective.evaluate(batch);
      int[] skipped = {0};
      for (int t = 0; t < batch.tokens(); t++) {
        double[] difference = differences(objective, batch, batch.logp(), t, batch::withLogp);
        check(result.dlogp()[t], difference, where + ", token " + t, skipped);
      }
      assertThat(skipped[0]).as(where + ": tokens too near a kink").isLessThanOrEqualTo((int) (kinkyShare() * batch.tokens()) + 1);
    });
  }

  @Test void gradients_of_other_columns_match_central_differences() {
    forEach((objective, batch, where) -> objective.evaluate(batch).gradients().forEach((column, gradient) -> {
      for (int t = 0; t < batch.tokens(); t++) {
        double[] difference = differences(objective, batch, batch.column(column), t, values -> batch.withColumn(column, values));
        check(gradient[t], difference, where + ", " + column + " of token " + t, new int[1]);
      }
    }));
  }

  private double[] differences(
      Objective objective, TokenBatch base, double[] values, int t, Function<double[], TokenBatch> batchOf) {
    double[] wide = new double[2], narrow = new double[2];
    for (int side = 0; side < 2; side++) {
      double h = side == 0 ? STEP : -STEP;
      double[] moved = values.clone();
      moved[t] = values[t] + h;
      wide[side] = surrogate(objective, base, batchOf.apply(moved));
      moved = values.clone();
      moved[t] = values[t] + h / 4;
      narrow[side] = surrogate(objective, base, batchOf.apply(moved));
    }
    return new double[] {(wide[0] - wide[1]) / (2 * STEP), (narrow[0] - narrow[1]) / (STEP / 2)};
  }

  /** A token whose differences with two steps disagree stands on a kink: it is skipped and counted. */
  private static void check(double gradient, double[] difference, String where, int[] skipped) {
    double scale = Math.max(1e-2, Math.max(Math.abs(gradient), Math.abs(difference[0])));
    if (Math.abs(difference[0] - difference[1]) > 1e-6 * scale) {
      skipped[0]++;
      return;
    }
    assertThat(gradient).as(where).isCloseTo(difference[0], Offset.offset(1e-7 * scale));
  }

  @Test void surrogate_and_objective_agree_in_value() {
    forEach((objective, batch, where) ->
        assertThat(surrogate(objective, batch, batch)).as(where).isCloseTo(objective.evaluate(batch).loss(), near()));
  }

  @Test void split_batches_add_up_to_the_whole() {
    forEach((objective, batch, where) -> {
      if (objective.local()) return;
      Evaluation whole = objective.evaluate(batch);
      Objective prepared = objective.prepared(batch);
      double loss = 0;
      Map<String, Metric> metrics = new HashMap<>();
      for (int[] part : new int[][] {{0, 3}, {1}, {2}, {9, 4, 5}, {6, 7, 8}}) {
        Evaluation piece = prepared.evaluate(batch.part(part));
        loss += piece.loss();
        assertThat(piece.dlogp()).as(where).containsExactly(batch.slice(whole.dlogp(), part), near());
        whole.gradients().forEach((column, gradient) ->
            assertThat(piece.gradients().get(column)).as(where).containsExactly(batch.slice(gradient, part), near()));
        piece.metrics().forEach((name, metric) -> metrics.merge(name, metric, Metric::merge));
      }
      assertThat(loss).as(where).isCloseTo(whole.loss(), near());
      assertThat(metrics.keySet()).as(where).isEqualTo(whole.metrics().keySet());
      whole.metrics().forEach((name, metric) ->
          assertThat(metrics.get(name).value()).as(where + ", metric " + name).isCloseTo(metric.value(), near()));
    });
  }

  @Test void permuting_sequences_permutes_the_gradient() {
    int[] order = {4, 9, 0, 2, 7, 1, 3, 8, 6, 5};
    forEach((objective, batch, where) -> {
      Evaluation straight = objective.evaluate(batch), permuted = objective.evaluate(batch.part(order));
      assertThat(permuted.loss()).as(where).isCloseTo(straight.loss(), near());
      assertThat(permuted.dlogp()).as(where).containsExactly(batch.slice(straight.dlogp(), order), near());
    });
  }

  @Test void inputs_are_untouched_and_two_calls_agree_bit_for_bit() {
    forEach((objective, batch, where) -> {
      List<double[]> inputs = new ArrayList<>(batch.columns().values());
      inputs.addAll(List.of(batch.logp(), batch.oldLogp(), batch.advantage()));
      List<double[]> before = inputs.stream().map(double[]::clone).toList();
      Evaluation first = objective.evaluate(batch), second = objective.evaluate(batch);
      objective.next(batch, first);
      for (int i = 0; i < inputs.size(); i++) assertThat(inputs.get(i)).as(where).isEqualTo(before.get(i));
      assertThat(second.loss()).as(where).isEqualTo(first.loss());
      assertThat(second.dlogp()).as(where).isEqualTo(first.dlogp());
      assertThat(second.metrics()).as(where).isEqualTo(first.metrics());
    });
  }

  @Test void numbers_are_finite_even_at_extreme_ratios() {
    for (Map<String, Object> settings : variants()) {
      Evaluation result = objective(settings).evaluate(dressed(Batches.random(11, 10, 9, 12)));
      assertThat(result.loss()).as(settings + ": loss").isFinite();
      for (double gradient : result.dlogp()) assertThat(gradient).as(settings + ": dlogp").isFinite();
    }
  }

  @Test void at_ratio_one_gradient_is_minus_weight_times_advantage() {
    if (Double.isNaN(slopeAtRatioOne()) || !(objective(variants().getFirst()) instanceof PolicyObjective objective)) return;
    for (TokenBatch any : batches()) {
      TokenBatch batch = Batches.onPolicy(any);
      Aggregation aggregation = objective.aggregation().prepared(batch);
      double[] weights = aggregation.weights(batch), dlogp = objective.evaluate(batch).dlogp();
      for (int s = 0; s < batch.sequences(); s++) {
        for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) {
          assertThat(dlogp[t]).isCloseTo(-weights[s] * slopeAtRatioOne() * batch.advantage()[t], near());
        }
      }
    }
  }

  @Test void an_empty_batch_gives_zero() {
    TokenBatch whole = dressed(Batches.random(1)), empty = whole.part(2);
    for (Map<String, Object> settings : variants()) {
      Evaluation result = objective(settings).prepared(whole).evaluate(empty);
      assertThat(result.loss()).isZero();
      assertThat(result.dlogp()).isEmpty();
    }
  }

  @Test void memory_survives_a_round_trip() {
    for (Map<String, Object> settings : variants()) {
      Objective fresh = objective(settings), lived = fresh;
      for (TokenBatch batch : batches()) lived = lived.next(batch, lived.evaluate(batch));
      assertThat(lived.memory().keySet()).as(settings + ": names never change").isEqualTo(fresh.memory().keySet());
      Objective restored = fresh.remembering(lived.memory());
      for (TokenBatch batch : batches()) {
        assertThat(restored.evaluate(batch).dlogp()).as(settings.toString()).isEqualTo(lived.evaluate(batch).dlogp());
        lived = lived.next(batch, lived.evaluate(batch));
        restored = restored.next(batch, restored.evaluate(batch));
      }
      assertThatThrownBy(() -> fresh.remembering(Map.of("nobody-knows-this", new double[1])))
          .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("nobody-knows-this");
    }
  }

  @Test void a_missing_column_is_refused_by_name() {
    for (Map<String, Object> settings : variants()) {
      Assembly assembly = assembly(settings);
      for (String column : assembly.columns()) {
        if (column.equals(Column.BEHAVIOUR_LOGP)) continue; // where it is absent, the sampler is the proximal policy
        TokenBatch batch = without(batches().getFirst(), column);
        assertThatThrownBy(() -> {
          assembly.advantages().estimate(rewards(batch));
          assembly.objective().evaluate(batch);
        }).as(settings + " without " + column)
            .isInstanceOf(MissingColumnException.class).hasMessageContaining(column);
      }
      TokenBatch bare = batches().getFirst();
      for (String column : batches().getFirst().columns().keySet()) {
        if (!assembly.columns().contains(column)) bare = without(bare, column);
      }
      assertThat(assembly.objective().evaluate(bare).loss()).as(settings + " with only " + assembly.columns()).isFinite();
    }
  }

  /** The sequences of a batch with some reward each. */
  protected static Rewards rewards(TokenBatch batch) {
    Map<String, double[]> columns = new HashMap<>(batch.columns());
    columns.put(Column.LOGP, batch.logp());
    columns.put(Column.OLD_LOGP, batch.oldLogp());
    double[] reward = new double[batch.sequences()];
    for (int s = 0; s < reward.length; s++) reward[s] = s % 3 == 0 ? 1 : 0;
    return new Rewards(batch.group(), reward, batch.offsets(), Map.of(), columns);
  }

  private static TokenBatch without(TokenBatch batch, String column) {
    Map<String, double[]> columns = new HashMap<>(batch.columns());
    columns.remove(column);
    return new TokenBatch(batch.offsets(), batch.group(), batch.ids(), batch.logp(), batch.oldLogp(), batch.advantage(), columns, batch.step());
  }

  @Test void bad_settings_are_refused_by_name() {
    Method method = Methods.named(method());
    Map<String, Object> good = variants().getFirst();
    for (Setting setting : method.settings()) {
      if (setting.type() != Setting.Type.NUMBER) continue;
      Map<String, Object> bad = new HashMap<>(good);
      bad.put(setting.name(), Double.NaN);
      assertThatThrownBy(() -> method.assemble(bad)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(setting.name());
    }
    Map<String, Object> unknown = new HashMap<>(good);
    unknown.put("clip-hihg", 1);
    assertThatThrownBy(() -> method.assemble(unknown)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("clip-hihg").hasMessageContaining(method());
  }

  /** Relative-and-absolute closeness for sums taken in another order. */
  protected static Offset<Double> near() {
    return Offset.offset(1e-12);
  }

  /** One law on one objective and batch. */
  @FunctionalInterface
  private interface Law {
    void holds(Objective objective, TokenBatch batch, String where);
  }

  private void forEach(Law law) {
    for (Map<String, Object> settings : variants()) {
      int number = 0;
      for (TokenBatch batch : batches()) law.holds(objective(settings), batch, method() + settings + ", batch " + number++);
    }
  }
}
