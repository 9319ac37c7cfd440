package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A2C is PPO with one epoch over the whole batch: at ratio 1 every surrogate whose slope there is 1 has the gradient of A·logp.
 *
 * @see <a href="https://arxiv.org/abs/2205.09123">A2C is a special case of PPO</a>
 */
class A2cIdentityTest {
  private static final List<String> RATIO_ONE = List.of("ppo", "sapo", "spo-simple", "cfpo", "r2vpo", "dppo", "mdpo", "pspo");

  private static Map<String, Object> settings(String method) {
    return method.equals("pspo") ? Map.of("aggregation", "token-mean", "alpha", 0) : Map.of("aggregation", "token-mean");
  }

  /** A·logp, token mean, no ratio: −A/T. */
  private static double[] a2c(TokenBatch batch) {
    return Arrays.stream(batch.advantage()).map(a -> -a / batch.step().tokens()).toArray();
  }

  @Test void at_ratio_one_all_of_them_are_a2c_bit_for_bit() {
    for (long seed = 1; seed <= 5; seed++) {
      TokenBatch batch = Batches.onPolicy(Batches.random(seed));
      double[] expected = Arrays.stream(batch.advantage()).map(a -> -(1.0 / batch.step().tokens()) * a).toArray();
      for (String method : RATIO_ONE) {
        assertThat(Hand.evaluate(method, settings(method), batch).dlogp()).as(method).isEqualTo(expected);
      }
      assertThat(expected).containsExactly(a2c(batch), within(1e-16));
    }
  }

  @Test void nothing_is_clipped_on_the_first_pass() {
    TokenBatch batch = Batches.onPolicy(Batches.random(2));
    assertThat(Hand.evaluate("ppo", Map.of(), batch).metrics().get("clipped-fraction").value()).isZero();
  }

  /** Tabular softmax over two actions, trained on two mini-batches: after the first update the ratio has left 1 and PPO is no longer A2C. */
  @ParameterizedTest @ValueSource(strings = {"ppo", "sapo", "spo-simple"})
  void a_second_mini_batch_of_the_same_data_differs(String method) {
    double theta = 0, rate = 1;
    double old = -Math.log(2);
    double[] a2cPath = {theta}, path = {theta};
    for (int pass = 0; pass < 2; pass++) {
      path[0] -= rate * gradient(method, path[0], old);
      a2cPath[0] += rate * (1 - sigmoid(a2cPath[0]));
      if (pass == 0) assertThat(path[0]).isEqualTo(a2cPath[0]);
    }
    assertThat(path[0]).isNotEqualTo(a2cPath[0]);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** dL/dθ of one token of the first action with A = 1 under the policy σ(θ); logp_old is the value computed in the first pass. */
  private static double gradient(String method, double theta, double old) {
    double logp = theta == 0 ? old : Math.log(sigmoid(theta));
    Evaluation result = Hand.evaluate(method, settings(method), Hand.tokens(new double[] {logp}, new double[] {old}, new double[] {1}));
    return result.dlogp()[0] * (1 - sigmoid(theta));
  }
}
