package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.TokenBatch;

/**
 * ERPD's token advantage: how much more an extreme policy likes the token than the base does.
 *
 * <pre>
 *   STRONG  s_t = teacherLogp − refLogp            WEAK  s_t = refLogp − teacherLogp        PAIR  s_t = teacherLogp − weakTeacherLogp
 *   A_t = clip(s_t, ±s-max)                        gated: 0 where its sign is not that of the answer's advantage
 * </pre>
 * All of it is constant. The whole of it is a reconstruction.
 *
 * @see <a href="https://arxiv.org/abs/2605.25582">Extreme Region Policy Distillation</a>
 */
public record TeacherSignal(Teacher teacher, double sMax, boolean gate) implements AdvantageEdit {

  /** Which difference of log-probabilities is the signal. */
  public enum Teacher { STRONG, WEAK, PAIR }

  public TeacherSignal {
    Check.above("s-max", sMax, 0);
  }

  @Override public double[] edited(TokenBatch batch) {
    double[] good = batch.column(teacher == Teacher.WEAK ? Column.REF_LOGP : Column.TEACHER_LOGP);
    double[] bad = batch.column(switch (teacher) {
      case STRONG -> Column.REF_LOGP;
      case WEAK -> Column.TEACHER_LOGP;
      case PAIR -> Column.WEAK_TEACHER_LOGP;
    });
    double[] signal = new double[batch.tokens()];
    for (int t = 0; t < signal.length; t++) {
      double s = Math.clamp(good[t] - bad[t], -sMax, sMax);
      signal[t] = gate && Math.signum(s) != Math.signum(batch.advantage()[t]) ? 0 : s;
    }
    return signal;
  }
}
