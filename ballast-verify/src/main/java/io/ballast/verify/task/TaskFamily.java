package io.ballast.verify.task;

import io.ballast.verify.Task;
import io.ballast.verify.Verifier;
import java.util.Map;

/**
 * A kind of problem: prompts to train on, prompts held out, a checker, and demonstrations for the warm start.
 *
 * <p>Law: no prompt of {@link #heldOut()} is ever a prompt of {@link #training()}. Everything is a function of the
 * settings alone: two families with equal settings are the same tasks.
 */
public interface TaskFamily {
  String name();

  /** Every setting with its value, for the record of a run. */
  Map<String, Object> settings();

  TaskSource training();

  /** Prompts for evaluation, all different, none of them in {@link #training()}. */
  TaskSource heldOut();

  /**
   * An answer to imitate in the warm start, wrong now and then as the settings say, so that reinforcement learning
   * has something to do.
   *
   * @param seed which of the possible demonstrations; the same seed gives the same text
   */
  String demonstration(Task task, long seed);

  Verifier verifier();

  /** Every character a prompt or a right answer can hold, for a character-level tokenizer; no duplicates. */
  String alphabet();

  /** Upper bound on the characters of a prompt. */
  int longestPrompt();

  /** Upper bound on the characters of a right answer in the demonstrated form. */
  int longestAnswer();
}
