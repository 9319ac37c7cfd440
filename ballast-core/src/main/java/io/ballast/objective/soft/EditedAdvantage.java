package io.ballast.objective.soft;

import io.ballast.objective.Evaluation;
import io.ballast.objective.Known;
import io.ballast.objective.LookingBack;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.Weighting;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An objective on edited advantages; a correction weighs the objective's policy term, not the advantages that are edited.
 *
 * @param again the objective of a pass over the batch of the step before, where the edit asks for one
 * @param known the step it was prepared on, edited; null: none
 */
public record EditedAdvantage(AdvantageEdit edit, Objective objective, Objective again, @Nullable Known<TokenBatch> known) implements LookingBack {

  public EditedAdvantage(AdvantageEdit edit, Objective objective, Objective again) {
    this(edit, objective, again, null);
  }

  public EditedAdvantage(AdvantageEdit edit, Objective objective) {
    this(edit, objective, objective);
  }

  private TokenBatch edited(TokenBatch batch) {
    return known == null ? batch.withAdvantage(edit.edited(batch)) : known.on(batch, other -> other.withAdvantage(edit.edited(other)));
  }

  @Override public Evaluation evaluate(TokenBatch batch) {
    Evaluation result = objective.evaluate(edited(batch));
    Map<String, Metric> metrics = new LinkedHashMap<>(result.metrics());
    edit.report(batch, metrics);
    return new Evaluation(result.loss(), result.dlogp(), result.gradients(), metrics);
  }

  @Override public boolean looksBack() {
    return edit.looksBack();
  }

  @Override public Optional<Objective> lookBack(TokenBatch current) {
    return edit.lookBack(current).map(look -> new EditedAdvantage(look, again));
  }

  @Override public Objective prepared(TokenBatch whole) {
    AdvantageEdit solved = edit.prepared(whole, new TokenRatio());
    TokenBatch edited = whole.withAdvantage(solved.edited(whole));
    return new EditedAdvantage(solved, objective.prepared(edited), again, new Known<>(whole, edited));
  }

  @Override public Map<String, double[]> memory() {
    Map<String, double[]> memory = new LinkedHashMap<>(edit.memory());
    memory.putAll(objective.memory());
    return memory;
  }

  @Override public Objective remembering(Map<String, double[]> memory) {
    if (!memory.keySet().equals(memory().keySet())) {
      throw new IllegalArgumentException("this objective remembers %s, yet the checkpoint holds %s".formatted(memory().keySet(), memory.keySet()));
    }
    Map<String, double[]> own = new HashMap<>(memory), others = new HashMap<>(memory);
    own.keySet().retainAll(edit.memory().keySet());
    others.keySet().removeAll(own.keySet());
    return new EditedAdvantage(edit.remembering(own), objective.remembering(others), again);
  }

  @Override public Objective next(TokenBatch whole, Evaluation result) {
    return new EditedAdvantage(edit.next(whole, result), objective.next(edited(whole), result), again);
  }

  @Override public boolean local() {
    return objective.local();
  }

  @Override public Objective corrected(Weighting correction) {
    return new EditedAdvantage(edit, objective.corrected(correction), again.corrected(correction));
  }
}
