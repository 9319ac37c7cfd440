package io.ballast.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ballast.model.Routes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A trajectory as one JSON object: what {@code rollouts/} shows and what a checkpoint keeps. Numbers are written with as many digits
 * as it takes to read the same bits back.
 */
final class TrajectoryJson {
  static final ObjectMapper JSON = new ObjectMapper();

  private TrajectoryJson() {}

  static ObjectNode write(Trajectory t) {
    ObjectNode node = JSON.createObjectNode();
    node.put("group", t.group()).put("sample", t.sample()).put("task", t.task());
    node.put("prompt", t.prompt()).put("gold", t.gold()).put("answer", t.answer());
    node.set("promptTokens", array(t.promptTokens()));
    node.set("tokens", array(t.tokens()));
    ArrayNode logp = node.putArray("behaviourLogp");
    for (float value : t.behaviourLogp()) logp.add(value);
    node.set("policyVersion", array(t.version()));
    node.put("finish", t.stopped() ? "stop" : "length");
    node.put("verdict", t.verdict()).put("extracted", t.extracted()).put("reason", t.reason()).put("reward", t.reward());
    ObjectNode parts = node.putObject("rewardParts");
    new TreeMap<>(t.parts()).forEach(parts::put);
    if (!t.recorded().isEmpty()) {
      ObjectNode recorded = node.putObject("recorded");
      new TreeMap<>(t.recorded()).forEach((name, values) -> recorded.set(name, array(values)));
    }
    if (t.routes() != null) node.set("routes", routes(t.routes()));
    if (t.estimate() != null) {
      node.set("advantage", array(t.estimate().advantage()));
      if (t.estimate().proximalLogp() != null) node.set("proximalLogp", array(t.estimate().proximalLogp()));
    }
    return node;
  }

  static Trajectory read(JsonNode node) {
    JsonNode logp = node.required("behaviourLogp");
    float[] behaviour = new float[logp.size()];
    for (int i = 0; i < behaviour.length; i++) behaviour[i] = logp.get(i).floatValue();
    Map<String, Double> parts = new LinkedHashMap<>();
    node.required("rewardParts").properties().forEach(entry -> parts.put(entry.getKey(), entry.getValue().doubleValue()));
    Map<String, double[]> recorded = new LinkedHashMap<>();
    if (node.has("recorded")) node.get("recorded").properties().forEach(entry -> recorded.put(entry.getKey(), doubles(entry.getValue())));
    double[] advantage = doubles(node.get("advantage"));
    Trajectory.Estimate estimate = advantage == null
        ? null
        : new Trajectory.Estimate(advantage, doubles(node.get("proximalLogp")));
    return new Trajectory(node.required("group").longValue(), node.required("sample").intValue(), node.required("task").longValue(),
        node.required("prompt").textValue(), node.required("gold").textValue(), node.required("answer").textValue(),
        ints(node.required("promptTokens")), ints(node.required("tokens")), behaviour, ints(node.required("policyVersion")),
        node.required("finish").textValue().equals("stop"), node.required("verdict").textValue(), node.required("extracted").textValue(),
        node.required("reason").textValue(), node.required("reward").doubleValue(), parts, recorded, routes(node.get("routes")), estimate);
  }

  /** Expert ids as base64 of two bytes each, the high one first: there are layers · k of them for every token. */
  private static ObjectNode routes(Routes routes) {
    ByteBuffer bytes = ByteBuffer.allocate(Short.BYTES * routes.experts().length);
    bytes.asShortBuffer().put(routes.experts());
    return JSON.createObjectNode().put("layers", routes.layers()).put("active", routes.active()).put("experts", bytes.array());
  }

  private static @Nullable Routes routes(@Nullable JsonNode node) {
    if (node == null) return null;
    try {
      ByteBuffer bytes = ByteBuffer.wrap(node.required("experts").binaryValue());
      short[] experts = new short[bytes.remaining() / Short.BYTES];
      bytes.asShortBuffer().get(experts);
      return new Routes(node.required("layers").intValue(), node.required("active").intValue(), experts);
    } catch (IOException e) {
      throw new UncheckedIOException("the experts of a trajectory's routes are not base64", e);
    }
  }

  static ArrayNode array(int[] values) {
    ArrayNode array = JSON.createArrayNode();
    for (int value : values) array.add(value);
    return array;
  }

  static ArrayNode array(double[] values) {
    ArrayNode array = JSON.createArrayNode();
    for (double value : values) array.add(value);
    return array;
  }

  private static int[] ints(JsonNode node) {
    int[] values = new int[node.size()];
    for (int i = 0; i < values.length; i++) values[i] = node.get(i).intValue();
    return values;
  }

  static double @Nullable [] doubles(@Nullable JsonNode node) {
    if (node == null) return null;
    double[] values = new double[node.size()];
    for (int i = 0; i < values.length; i++) values[i] = node.get(i).doubleValue();
    return values;
  }
}
