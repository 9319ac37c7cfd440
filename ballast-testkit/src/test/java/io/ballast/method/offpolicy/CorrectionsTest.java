package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ballast.method.Corrections;
import io.ballast.method.Method;
import io.ballast.method.Methods;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.StepTotals;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.Weighting;
import io.ballast.testkit.Batches;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class CorrectionsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Two sequences; proximal over sampler: (2, 0.5, 1.2) and (0.9). */
  private static final TokenBatch HAND = Cases.of(new int[] {0, 3, 4}, logs(1, 1, 1, 1), logs(2, 0.5, 1.2, 0.9), new double[] {1, 1, 1, 1})
      .withColumn("behaviourLogp", logs(1, 1, 1, 1)).withColumn("turn", new double[] {0, 0, 1, 0});

  private static double[] logs(double... ratios) {
    return Arrays.stream(ratios).map(r -> Math.log(r) - 3).toArray();
  }

  private static double[] weights(String id, Map<String, Object> settings, TokenBatch batch) {
    Weighting weighting = Corrections.named(id).weighting(settings, true).orElseThrow();
    double[] factor = new double[batch.tokens()];
    Arrays.fill(factor, 1);
    weighting.prepared(batch, new TokenRatio()).multiply(batch, factor);
    return factor;
  }

  private static void check(String id, Map<String, Object> settings, double... expected) {
    assertThat(weights(id, settings, HAND)).as(id + settings).containsExactly(expected, within(1e-12));
  }

  /** Product of the first sequence 1.2, geometric mean 1.2^(1/3) = 1.0627; first turn √(2 · 0.5) = 1. */
  @Test void weights_by_hand() {
    double geometric = Math.cbrt(1.2);
    check("tis", Map.of("c", 1.5), 1.5, 0.5, 1.2, 0.9);
    check("tis", Map.of("level", "sequence", "c", 1.1), 1.1, 1.1, 1.1, 0.9);
    check("tis", Map.of("level", "turn"), 1, 1, 1.2, 0.9);
    check("tis", Map.of("reject-lower", 0.6, "reject-upper", 1.5), 0, 0, 1.2, 0.9);
    check("tis", Map.of("normalise", true), 2 / 1.15, 0.5 / 1.15, 1.2 / 1.15, 0.9 / 1.15);
    check("tis", Map.of("level", "sequence", "normalise", true), 1.2 / 1.05, 1.2 / 1.05, 1.2 / 1.05, 0.9 / 1.05);
    check("mis", Map.of("lower", 0.6, "upper", 1.5), 0, 0, 1.2, 0.9);
    check("mis", Map.of("level", "sequence", "lower", 1, "upper", 2), 1.2, 1.2, 1.2, 0);
    check("icepop", Map.of("lower", 0.4), 2, 0.5, 1.2, 0.9);
    check("geometric", Map.of("lower", 0.95, "upper", geometric + 1e-9), 1, 1, 1, 0);
    check("geometric", Map.of("lower", 0.8, "upper", 2, "weight", "token", "c", 1.1), 1.1, 0.5, 1.1, 0.9);
    check("veto", Map.of("veto", 0.6), 0, 0, 0, 1);
    check("tis", Map.of("veto", 0.6), 0, 0, 0, 0.9);
  }

  /** l = ln(2, 0.5, 1.2): k2 = l²/2 = 0.2402, 0.2402, 0.0166; k3 = 1 − 0.6931 = 0.3069, 0.5 − 1 + 0.6931 = 0.1931, 0.0177; last 0.0054. */
  @Test void divergences_by_hand() {
    check("k-divergence", Map.of("estimator", "k2", "fold", "token", "upper", 0.1), 0, 0, 1, 1);
    check("k-divergence", Map.of("estimator", "k3", "fold", "token", "upper", 0.2), 0, 1, 1, 1);
    check("k-divergence", Map.of("estimator", "k3", "fold", "seq-mean", "upper", 0.1725), 0, 0, 0, 1);
    check("k-divergence", Map.of("estimator", "k3", "fold", "seq-mean", "upper", 0.1727), 1, 1, 1, 1);
    check("k-divergence", Map.of("estimator", "k3", "fold", "seq-max", "upper", 0.3), 0, 0, 0, 1);
    check("k-divergence", Map.of("estimator", "k3", "fold", "seq-sum", "upper", 0.52), 1, 1, 1, 1);
  }

  /** Bounds of k1 are on the ratio itself: [1.1, 3] keeps 2 and 1.2, where bounding the inverse would keep 0.5 and 0.9. */
  @Test void k1_bounds_the_ratio_and_not_its_inverse() {
    check("k-divergence", Map.of("estimator", "k1", "fold", "token", "lower", 1.1, "upper", 3), 1, 0, 1, 0);
    check("k-divergence", Map.of("estimator", "k1", "fold", "seq-sum", "lower", 1.1, "upper", 3), 1, 1, 1, 0);
  }

  /** A ratio of 1.1 a token is 2.59 over 10 tokens and 13,780 over 100: sequence bands select for short answers. */
  @Test void a_sequence_ratio_grows_with_length_and_a_geometric_one_does_not() {
    for (int n : new int[] {10, 100}) {
      double[] old = new double[n], sampler = new double[n];
      Arrays.fill(old, -1);
      Arrays.fill(sampler, -1 - Math.log(1.1));
      TokenBatch batch = Cases.one(old, old, 1).withColumn("behaviourLogp", sampler);
      assertThat(weights("tis", Map.of("level", "sequence", "c", 1e9), batch)[0]).isCloseTo(Math.pow(1.1, n), within(1e-6 * Math.pow(1.1, n)));
      assertThat(weights("geometric", Map.of("lower", 0.9, "upper", 1.11), batch)[0]).isEqualTo(1);
    }
  }

  @Test void a_method_without_a_ratio_is_corrected_from_the_current_policy() {
    Weighting auto = Corrections.named("auto").weighting(Map.of(), false).orElseThrow();
    double[] factor = {1, 1, 1, 1};
    auto.multiply(HAND, factor); // current over sampler is 1 everywhere
    assertThat(factor).containsExactly(new double[] {1, 1, 1, 1}, within(1e-12));
    assertThat(Corrections.named("auto").weighting(Map.of(), true)).isEmpty();
    assertThat(Corrections.named("none").weighting(Map.of(), false)).isEmpty();
  }

  @Test void a_correction_leaves_penalties_and_denominators_alone() {
    Map<String, Object> settings = Map.of("kl-coefficient", 0.5);
    TokenBatch batch = HAND.withColumn("refLogp", logs(1.1, 1.1, 1.1, 1.1));
    Objective plain = Methods.named("grpo").assemble(settings).objective();
    Weighting drop = Corrections.named("mis").weighting(Map.of("lower", 50, "upper", 60), true).orElseThrow();
    double[] onlyKl = plain.evaluate(batch.withAdvantage(new double[4])).dlogp();
    assertThat(plain.corrected(drop).evaluate(batch).dlogp()).containsExactly(onlyKl, within(1e-15));
  }

  /** Every method under every correction: split into micro-batches it adds up to the whole. */
  @Test void corrected_methods_obey_the_law_of_splitting() {
    TokenBatch batch = Cases.exactOld(Cases.stale(Cases.withExperts(Batches.random(41))));
    for (String id : new String[] {"grpo", "gspo", "bapo", "topr", "asymre", "chord", "hapo-token", "m2po"}) {
      Method method = Methods.named(id);
      boolean usesRatio = method.assemble(Map.of()).usesRatio();
      for (Corrections.Correction correction : Corrections.all()) {
        for (Map<String, Object> settings : variants(correction)) {
          Objective plain = method.assemble(Map.of()).objective();
          Objective corrected = correction.weighting(settings, usesRatio).map(plain::corrected).orElse(plain);
          Evaluation whole = corrected.prepared(batch).evaluate(batch);
          double loss = 0;
          Map<String, Metric> metrics = new HashMap<>();
          for (int[] part : new int[][] {{0, 3}, {1}, {2}, {9, 4, 5}, {6, 7, 8}}) {
            Evaluation piece = corrected.prepared(batch).evaluate(batch.part(part));
            loss += piece.loss();
            assertThat(piece.dlogp()).as(id + " " + correction.id()).containsExactly(batch.slice(whole.dlogp(), part), within(1e-12));
            piece.metrics().forEach((name, metric) -> metrics.merge(name, metric, Metric::merge));
          }
          assertThat(loss).as(id + " " + correction.id()).isCloseTo(whole.loss(), within(1e-11));
          whole.metrics().forEach((name, metric) ->
              assertThat(metrics.get(name).value()).as(id + " " + correction.id() + " " + name).isCloseTo(metric.value(), within(1e-12)));
        }
      }
    }
  }

  private static List<Map<String, Object>> variants(Corrections.Correction correction) {
    boolean normalises = correction.settings().stream().anyMatch(setting -> setting.name().equals("normalise"));
    return normalises
        ? List.of(Map.of(), Map.of("normalise", true, "veto", 0.6), Map.of("normalise", true, "level", "sequence"), Map.of("level", "turn"))
        : List.of(Map.of());
  }

  @Test void an_unknown_correction_or_setting_is_refused_with_the_nearest_name() {
    assertThatThrownBy(() -> Corrections.named("tiss")).hasMessageContaining("tiss").hasMessageContaining("did you mean \"tis\"");
    assertThatThrownBy(() -> Corrections.named("tis").weighting(Map.of("normalize", true), true))
        .hasMessageContaining("setting of correction tis").hasMessageContaining("did you mean \"normalise\"");
    assertThatThrownBy(() -> Corrections.named("k-divergence").weighting(Map.of("estimator", "k1", "fold", "seq-max", "upper", 2), true))
        .hasMessageContaining("seq-max").hasMessageContaining("k1");
    assertThatThrownBy(() -> Corrections.named("mis").weighting(Map.of("lower", 3), true)).hasMessageContaining("lower");
  }

  @Test void the_page_of_corrections_lists_them_all() throws IOException {
    String page = Files.readString(Path.of(System.getProperty("ballast.root", "..")).resolve("docs/methods/corrections.md"));
    for (Corrections.Correction correction : Corrections.all()) {
      assertThat(page).contains("## `%s`\n".formatted(correction.id()));
      correction.settings().forEach(setting -> assertThat(page).contains("| `%s` | `%s` | ".formatted(setting.name(), setting.defaultText())));
      for (var setting : correction.settings()) setting.also().forEach(other -> assertThat(page).contains("`" + other + "`"));
    }
  }

  /** The cases of golden/off-policy that stand for clipped GRPO under a correction. */
  @TestFactory Stream<DynamicTest> the_reference_script_agrees() throws IOException {
    List<Path> files;
    try (var paths = Files.list(Path.of("src/test/resources/golden/off-policy"))) {
      files = paths.filter(path -> path.getFileName().toString().startsWith("corrected-")).sorted().toList();
    }
    assertThat(files).hasSizeGreaterThan(10);
    return files.stream().map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> golden(JSON.readTree(file.toFile()))));
  }

  private static void golden(JsonNode golden) {
    Map<String, Object> settings = new LinkedHashMap<>();
    String id = golden.get("correction").asText();
    golden.get("correctionSettings").properties().forEach(entry -> settings.put(entry.getKey(), value(entry.getKey(), entry.getValue())));
    Weighting weighting = Corrections.named(id).weighting(settings, true).orElseThrow();
    Objective objective = Methods.named("grpo").assemble(Map.of()).objective().corrected(weighting);
    TokenBatch batch = batch(golden.get("sequences"));
    Evaluation result = objective.evaluate(batch);
    double[] expected = column(golden.get("expected").get("dlogp"));
    assertThat(result.loss()).isCloseTo(golden.get("expected").get("loss").asDouble(), within(1e-12));
    assertThat(result.dlogp()).containsExactly(expected, within(1e-12));
  }

  private static Object value(String name, JsonNode node) {
    if (name.equals("level") && node.asText().equals("segment")) return "turn";
    return node.isNumber() ? (Object) node.asDouble() : node.isBoolean() ? node.asBoolean() : node.asText();
  }

  private static TokenBatch batch(JsonNode sequences) {
    int[] offsets = new int[sequences.size() + 1], group = new int[sequences.size()], ids = new int[sequences.size()];
    for (int s = 0; s < sequences.size(); s++) {
      offsets[s + 1] = offsets[s] + sequences.get(s).get("logp").size();
      group[s] = sequences.get(s).get("group").asInt();
      ids[s] = s;
    }
    double[] advantage = new double[offsets[sequences.size()]];
    for (int s = 0; s < sequences.size(); s++) Arrays.fill(advantage, offsets[s], offsets[s + 1], sequences.get(s).get("advantage").asDouble());
    Map<String, double[]> columns = new HashMap<>();
    for (String name : new String[] {"behaviourLogp", "turn"}) columns.put(name, column(sequences, name));
    return new TokenBatch(offsets, group, ids, column(sequences, "logp"), column(sequences, "oldLogp"), advantage, columns,
        new StepTotals(sequences.size(), advantage.length, 3, 12));
  }

  private static double[] column(JsonNode sequences, String name) {
    return sequences.valueStream().flatMap(sequence -> sequence.get(name).valueStream()).mapToDouble(JsonNode::asDouble).toArray();
  }

  private static double[] column(JsonNode ragged) {
    return ragged.valueStream().flatMap(JsonNode::valueStream).mapToDouble(JsonNode::asDouble).toArray();
  }
}
