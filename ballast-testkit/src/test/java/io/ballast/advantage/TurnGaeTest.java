package io.ballast.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Column;
import io.ballast.objective.MissingColumnException;
import io.ballast.testkit.EstimatorKit;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TurnGaeTest extends EstimatorKit {
  @Override protected AdvantageEstimator estimator() {
    return rewards -> new TurnGae(0.99, 0.9, 1, false, true).estimate(withTurns(rewards));
  }

  @Override protected boolean wholeAnswers() {
    return false;
  }

  private static Rewards withTurns(Rewards rewards) {
    double[] turn = new double[rewards.tokens()];
    for (int s = 0; s < rewards.samples(); s++) {
      for (int t = rewards.offsets()[s]; t < rewards.offsets()[s + 1]; t++) turn[t] = (t - rewards.offsets()[s]) / 2;
    }
    Map<String, double[]> columns = new HashMap<>(rewards.columns());
    columns.put(Column.TURN, turn);
    return new Rewards(rewards.group(), rewards.reward(), rewards.offsets(), rewards.parts(), columns, rewards.prompt());
  }

  @Test void turns_of_one_token_make_it_gae_over_tokens() {
    Rewards rewards = random(2);
    Map<String, double[]> columns = new HashMap<>(rewards.columns());
    columns.put(Column.TURN, IntStream.range(0, rewards.tokens()).asDoubleStream().toArray());
    var singles = new Rewards(rewards.group(), rewards.reward(), rewards.offsets(), rewards.parts(), columns);
    assertThat(new TurnGae(0.9, 0.8, 1, false, false).estimate(singles))
        .containsExactly(new TokenGae(0.9, 0.8, 0, Whitening.NONE).estimate(rewards), within(1e-12));
  }

  @Test void a_missing_turn_is_refused_by_name() {
    assertThatThrownBy(() -> new TurnGae(1, 1, 1, false, false).estimate(random(1))).isInstanceOf(MissingColumnException.class).hasMessageContaining("turn");
  }
}
