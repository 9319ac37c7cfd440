package io.ballast.verify;

/**
 * One prompt with its expected answer.
 *
 * @param id stable within its source: it keys random numbers, statistics and the train/evaluation split
 * @param prompt text given to the policy
 * @param gold expected answer, as the task's verifier reads it
 */
public record Task(long id, String prompt, String gold) {}
