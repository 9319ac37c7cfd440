package io.ballast.method.offpolicy;

import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.offpolicy.ProximalFrom;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;

class InterpolatedProximalTest extends ObjectiveKit {
  @Override protected String method() {
    return "decoupled-ppo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of("prox-logp-method", "loglinear"),
        Map.of("prox-logp-method", "linear", "upper", 1.1));
  }

  @Override protected TokenBatch dressed(TokenBatch batch) {
    return Cases.stale(batch);
  }

  /** The proximal policy is a constant: it stays where the base has it. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    boolean linear = ((ProximalFrom) objective).source() == ProximalFrom.Source.LINEAR;
    double[] old = new double[base.tokens()];
    for (int t = 0; t < old.length; t++) {
      double k = base.column("staleness")[t], a = k > 0 ? 1 - 1 / k : 0, from = base.behaviourLogp()[t], to = base.logp()[t];
      old[t] = linear ? Math.log((1 - a) * Math.exp(from) + a * Math.exp(to)) : (1 - a) * from + a * to;
    }
    return ((ProximalFrom) objective).objective().evaluate(moved.withOldLogp(old)).loss();
  }
}
