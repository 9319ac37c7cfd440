package io.ballast.ledger;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One sampled answer as it is written to {@code rollouts/step-N.jsonl}.
 *
 * @param group number of the prompt within the step
 * @param tokens ids of the answer, the stop token included
 * @param pieces the answer's text token by token, for people
 * @param behaviourLogp [T], log-probability under the policy that wrote the token, nats
 * @param policyVersion [T], version of the policy that wrote the token
 * @param rewards the parts the reward is made of, by name
 * @param advantage [T]
 * @param logp [T], log-probability under the policy that was trained, or null where it was not recorded
 * @param clipped [T], 1 where the objective gave the token no gradient although its advantage is not 0, or null
 * @param verdict label of the verifier's verdict, with its reason
 */
public record Trajectory(
    int group,
    String prompt,
    String gold,
    String answer,
    int[] tokens,
    String[] pieces,
    double[] behaviourLogp,
    long[] policyVersion,
    double reward,
    Map<String, Double> rewards,
    double[] advantage,
    double @Nullable [] logp,
    int @Nullable [] clipped,
    String verdict,
    String reason) {

  public Trajectory {
    int n = tokens.length;
    same("pieces", pieces.length, n);
    same("behaviourLogp", behaviourLogp.length, n);
    same("policyVersion", policyVersion.length, n);
    same("advantage", advantage.length, n);
    if (logp != null) same("logp", logp.length, n);
    if (clipped != null) same("clipped", clipped.length, n);
  }

  private static void same(String name, int given, int tokens) {
    if (given != tokens) throw new IllegalArgumentException("%s has %d values, the trajectory has %d tokens".formatted(name, given, tokens));
  }

  Map<String, Object> json() {
    var json = new LinkedHashMap<String, Object>();
    json.put("group", group);
    json.put("prompt", prompt);
    json.put("gold", gold);
    json.put("answer", answer);
    json.put("verdict", verdict);
    json.put("reason", reason);
    json.put("reward", reward);
    json.put("rewards", new TreeMap<>(rewards));
    boolean constant = true;
    for (double a : advantage) constant &= a == advantage[0];
    json.put("advantage", advantage.length > 0 && constant ? (Object) advantage[0] : advantage);
    json.put("tokens", tokens);
    json.put("pieces", java.util.List.of(pieces));
    json.put("behaviourLogp", behaviourLogp);
    json.put("policyVersion", policyVersion);
    if (logp != null) json.put("logp", logp);
    if (clipped != null) json.put("clipped", clipped);
    return json;
  }
}
