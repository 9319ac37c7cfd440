package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.method.Corrections;
import io.ballast.method.Method;
import io.ballast.method.Methods;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.StepTotals;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What must coincide: methods that are special cases of each other, told by their gradients. */
class IdentitiesTest {
  private static final TokenBatch BATCH = Batches.random(21, 10, 9, 0.3);

  /** Sequences of one token. */
  private static final TokenBatch SINGLES = Batches.random(22, 10, 1, 0.3);

  private static final Map<String, Object> CLIP = Map.of("clip-low", 0.2, "clip-high", 0.2);

  private static double[] dlogp(String method, Map<String, Object> settings, TokenBatch batch) {
    return Methods.named(method).assemble(settings).objective().evaluate(batch).dlogp();
  }

  private static void same(double[] a, double[] b) {
    assertThat(a).containsExactly(b, within(1e-13));
    assertThat(IntStream.range(0, a.length).filter(t -> a[t] != 0).count()).as("not all zero").isPositive();
  }

  private static Map<String, Object> with(Map<String, Object> settings, Object... more) {
    Map<String, Object> all = new HashMap<>(settings);
    for (int i = 0; i < more.length; i += 2) all.put((String) more[i], more[i + 1]);
    return all;
  }

  private static TokenBatch runs(TokenBatch batch, String column, boolean everyToken) {
    return batch.withColumn(column, IntStream.range(0, batch.tokens()).mapToDouble(t -> everyToken ? t : 0).toArray());
  }

  @Test void gspo_on_answers_of_one_token_is_grpo() {
    same(dlogp("gspo", CLIP, SINGLES), dlogp("grpo", CLIP, SINGLES));
  }

  @Test void gspo_token_is_gspo_where_advantages_are_equal_within_an_answer() {
    same(dlogp("gspo-token", CLIP, BATCH), dlogp("gspo", CLIP, BATCH));
  }

  @Test void segments_of_one_token_are_grpo_and_one_segment_is_gspo() {
    Map<String, Object> flat = with(CLIP, "a", 0);
    same(dlogp("sspo", flat, runs(BATCH, "sentence", true)), dlogp("grpo", CLIP, BATCH));
    same(dlogp("sspo", flat, runs(BATCH, "sentence", false)), dlogp("gspo", CLIP, BATCH));
    same(dlogp("turn-ppo", CLIP, runs(BATCH, "turn", true)), dlogp("grpo", CLIP, BATCH));
    same(dlogp("turn-ppo", CLIP, runs(BATCH, "turn", false)), dlogp("gspo", CLIP, BATCH));
  }

  @Test void turns_of_one_token_counted_alike_are_a_token_mean() {
    same(dlogp("turn-gae", CLIP, runs(BATCH, "turn", true)), dlogp("ppo", CLIP, BATCH));
  }

  @Test void a_hybrid_of_equal_ratios_is_grpo() {
    Map<String, Object> bands = Map.of("et-lo", 0.2, "et-hi", 0.2, "es-lo", 0.2, "es-hi", 0.2);
    for (String reading : new String[] {"a", "b"}) same(dlogp("dhpo", with(bands, "reading", reading), SINGLES), dlogp("grpo", CLIP, SINGLES));
  }

  @Test void without_clipped_tokens_the_bias_correction_does_nothing() {
    Map<String, Object> wide = Map.of("clip-low", 1, "clip-high", 1e9);
    same(dlogp("s-ppo", wide, BATCH), dlogp("grpo", wide, BATCH));
    same(dlogp("st-ppo", wide, BATCH), dlogp("turn-ppo", wide, BATCH));
  }

  @Test void hapo_without_entropy_is_ppo_with_dual_clip() {
    same(dlogp("hapo-token", with(CLIP, "clip-alpha", 0, "adv-beta", 0), BATCH), dlogp("ppo", with(CLIP, "dual-clip", 10), BATCH));
  }

  @Test void off_policy_grpo_around_one_is_grpo_against_the_sampler() {
    TokenBatch sampled = BATCH.withOldLogp(BATCH.behaviourLogp());
    same(dlogp("off-policy-grpo", with(CLIP, "centre", "one"), BATCH), dlogp("grpo", CLIP, sampled));
    same(dlogp("off-policy-grpo", CLIP, sampled), dlogp("grpo", CLIP, sampled));
  }

  @Test void inside_the_band_the_decoupled_gradient_is_the_total_ratio_times_the_advantage() {
    TokenBatch near = Batches.random(23, 10, 9, 0.05);
    double[] dlogp = dlogp("decoupled-ppo", Map.of("upper", 1e9), near);
    for (int t = 0; t < dlogp.length; t++) {
      if (Math.abs(near.ratio(t) - 1) > 0.2) continue;
      double total = Math.exp(near.logp()[t] - near.behaviourLogp()[t]);
      assertThat(dlogp[t]).isCloseTo(-total * near.advantage()[t] / near.tokens(), within(1e-13));
    }
  }

  @Test void ppo_ewma_that_truncates_nothing_is_decoupled_ppo_that_masks_nothing() {
    same(dlogp("ppo-ewma", with(CLIP, "imp-max", 1e9), BATCH), dlogp("decoupled-ppo", with(CLIP, "upper", 1e9), BATCH));
  }

  @Test void two_factors_with_the_old_policy_as_proximal_are_decoupled_ppo() {
    TokenBatch batch = BATCH.withColumn("trainLogpAtBehaviourVersion", BATCH.oldLogp());
    same(dlogp("two-factor", with(CLIP, "lower", 0, "upper", 1e9), batch),
        dlogp("decoupled-ppo", with(CLIP, "upper", 1e9), batch));
  }

  @Test void where_sampler_and_proximal_policy_are_one_decoupled_methods_are_ppo() {
    TokenBatch one = BATCH.withColumn("behaviourLogp", BATCH.oldLogp());
    for (String method : new String[] {"decoupled-ppo", "ppo-ewma"}) same(dlogp(method, CLIP, one), dlogp("ppo", CLIP, one));
  }

  @Test void minirl_without_bounds_is_plain_importance_sampling() {
    Map<String, Object> none = Map.of("clip-low", 1, "clip-high", 1e9, "weight-cap", "none");
    TokenBatch sampled = BATCH.withOldLogp(BATCH.behaviourLogp());
    same(dlogp("minirl", none, BATCH), dlogp("ppo", Map.of("clip-low", 1, "clip-high", 1e9, "aggregation", "seq-mean-token-sum"), sampled));
  }

  @Test void deepseek_without_mask_and_kl_is_grpo() {
    same(dlogp("deepseek-v3.2", with(CLIP, "off-policy-mask", "none"), BATCH), dlogp("grpo", CLIP, BATCH));
  }

  @Test void m2po_with_an_ample_budget_is_unclipped_importance_sampling() {
    TokenBatch sampled = BATCH.withOldLogp(BATCH.behaviourLogp());
    double[] plain = dlogp("ppo", Map.of("clip-low", 1, "clip-high", 1e9), sampled);
    same(dlogp("m2po", Map.of("tau", 1e6), BATCH), plain);
    same(dlogp("m2po", Map.of("tau", 1e6, "form", "official-code"), BATCH), plain);
    same(dlogp("m2po", Map.of("tau", 1e6, "form", "areal"), BATCH), dlogp("decoupled-ppo", Map.of("upper", 1e9), BATCH));
  }

  @Test void topr_on_policy_and_kimi_without_penalty_are_reinforce() {
    TokenBatch onPolicy = Batches.onPolicy(BATCH);
    double[] plain = dlogp("asymre", Map.of(), onPolicy);
    same(dlogp("topr", Map.of("aggregation", "seq-mean-token-sum"), onPolicy), plain);
    same(dlogp("kimi-k1.5", Map.of("tau", 0), BATCH), dlogp("asymre", Map.of(), BATCH));
  }

  @Test void chord_is_grpo_without_expert_weight_and_likelihood_without_the_rest() {
    TokenBatch batch = Cases.withExperts(BATCH), own = batch.part(0, 1, 2, 4, 5, 6, 8, 9);
    double[] mixed = dlogp("chord", with(CLIP, "peak", 0, "valley", 0), batch);
    TokenBatch alone = new TokenBatch(own.offsets(), own.group(), own.ids(), own.logp(), own.oldLogp(), own.advantage(), own.columns(),
        new StepTotals(own.sequences(), own.tokens(), own.step().prompts(), own.step().maxLength()));
    same(batch.slice(mixed, 0, 1, 2, 4, 5, 6, 8, 9), dlogp("grpo", CLIP, alone));
    double[] supervised = dlogp("chord", Map.of("peak", 1), batch);
    double experts = batch.length(3) + batch.length(7);
    assertThat(batch.slice(supervised, 3, 7)).containsOnly(-1 / experts);
  }

  @Test void prefix_rl_is_grpo_and_dr_po_is_ppo_on_what_was_generated() {
    same(dlogp("prefix-rl", CLIP, BATCH), dlogp("grpo", CLIP, BATCH));
    same(dlogp("dr-po", CLIP, BATCH), dlogp("ppo", CLIP, BATCH));
  }

  @Test void on_policy_with_one_set_of_weights_every_method_here_gives_the_policy_gradient() {
    TokenBatch plain = Cases.denoising(Cases.exactOld(Batches.onPolicy(Batches.random(31))));
    TokenBatch batch = plain.withColumn("trainLogpAtBehaviourVersion", plain.logp());
    for (String id : new String[] {"gspo", "gspo-token", "sspo", "dhpo", "s-ppo", "grpo-guard", "off-policy-grpo", "deepseek-v3.2", "prefix-rl"}) {
      double[] dlogp = dlogp(id, Map.of(), batch);
      for (int s = 0; s < batch.sequences(); s++) {
        for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) {
          assertThat(dlogp[t]).as(id).isCloseTo(-batch.advantage()[t] / batch.length(s) / batch.sequences(), within(1e-13));
        }
      }
    }
  }

  @Test void same_weights_make_every_correction_weight_one() {
    TokenBatch batch = Batches.onPolicy(BATCH);
    Objective grpo = Methods.named("grpo").assemble(Map.of()).objective(), reinforce = Methods.named("asymre").assemble(Map.of()).objective();
    for (Corrections.Correction correction : Corrections.all()) {
      for (boolean usesRatio : new boolean[] {true, false}) {
        Objective plain = usesRatio ? grpo : reinforce;
        correction.weighting(Map.of(), usesRatio).ifPresent(weighting -> {
          Evaluation corrected = plain.corrected(weighting).evaluate(batch);
          assertThat(corrected.dlogp()).as(correction.id()).containsExactly(plain.evaluate(batch).dlogp(), within(1e-15));
        });
      }
    }
  }

  @Test void guesswork_is_marked_experimental() {
    for (String id : new String[] {"sspo", "dhpo", "s-ppo", "st-ppo"}) assertThat(Methods.named(id).confidence().experimental()).as(id).isTrue();
    for (Method method : Methods.all()) assertThat(method.parts()).as(method.id()).isNotEmpty();
  }

  @Test void icepop_is_the_token_mask_with_its_band() {
    TokenBatch batch = Cases.stale(BATCH);
    Objective grpo = Methods.named("grpo").assemble(Map.of()).objective();
    var icepop = Corrections.named("icepop").weighting(Map.of(), true).orElseThrow();
    var mask = Corrections.named("mis").weighting(Map.of("level", "token", "lower", 0.5, "upper", 5), true).orElseThrow();
    same(grpo.corrected(icepop).evaluate(batch).dlogp(), grpo.corrected(mask).evaluate(batch).dlogp());
  }
}
