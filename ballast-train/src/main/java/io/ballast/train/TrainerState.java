package io.ballast.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a checkpoint holds beside weights and optimizer moments: how far the run is, the batches sampled and not yet used up, those half written, the replay pool,
 * and what the objective remembers. Random numbers are functions of counters, so the counters are their state.
 *
 * @param step updates done
 * @param passes greedy pass@1 by step, as evaluated so far
 * @param memory of objective, advantage estimator and critic, and the batch of the step before where the method looks back on it
 */
record TrainerState(int step, Map<Integer, Double> passes, Learner.Memory memory, BatchSource.State batches) {
  private static final String STATE = "trainer.json", BUFFER = "buffer.jsonl", BEFORE = "before", DRAFT = "draft";

  void write(Path dir) throws IOException {
    ObjectNode root = TrajectoryJson.JSON.createObjectNode();
    root.put("step", step).put("sampled", batches.sampled()).put("visits", batches.visits());
    ObjectNode pass = root.putObject("passAt1");
    new TreeMap<>(passes).forEach((at, value) -> pass.put(String.valueOf(at), value));
    write(root.putObject("objectiveMemory"), memory.objective());
    write(root.putObject("estimatorMemory"), memory.estimator());
    write(root.putObject("critic"), memory.critic());
    Files.writeString(dir.resolve(STATE), root.toPrettyString() + "\n");
    try (BufferedWriter out = Files.newBufferedWriter(dir.resolve(BUFFER))) {
      for (Batch batch : batches.waiting()) {
        for (Trajectory t : batch.trajectories()) line(out, TrajectoryJson.write(t).put("batch", batch.number()).put("dropped", batch.dropped()));
      }
      for (BatchSource.Draft draft : batches.drafts()) {
        for (Trajectory t : draft.answers()) line(out, TrajectoryJson.write(t).put(DRAFT, draft.number()).put("firstVisit", draft.firstVisit()));
      }
      for (Trajectory t : memory.before()) line(out, TrajectoryJson.write(t).put(BEFORE, true));
      for (int i = 0; i < batches.pool().size(); i++) {
        BatchSource.Pooled pooled = batches.pool().get(i);
        for (Trajectory t : pooled.group()) line(out, TrajectoryJson.write(t).put("pooled", i).put("uses", pooled.uses()));
      }
    }
  }

  static TrainerState read(Path dir) throws IOException {
    JsonNode root = TrajectoryJson.JSON.readTree(dir.resolve(STATE).toFile());
    Map<Integer, Double> passes = new TreeMap<>();
    root.required("passAt1").properties().forEach(entry -> passes.put(Integer.valueOf(entry.getKey()), entry.getValue().doubleValue()));
    Map<Long, List<Trajectory>> waiting = new LinkedHashMap<>();
    Map<Long, Integer> dropped = new LinkedHashMap<>();
    Map<Integer, List<Trajectory>> pooled = new LinkedHashMap<>();
    Map<Integer, Integer> uses = new LinkedHashMap<>();
    Map<Long, List<Trajectory>> drafts = new LinkedHashMap<>();
    Map<Long, Long> firstVisits = new LinkedHashMap<>();
    List<Trajectory> before = new ArrayList<>();
    try (BufferedReader in = Files.newBufferedReader(dir.resolve(BUFFER))) {
      for (String text = in.readLine(); text != null; text = in.readLine()) {
        JsonNode node = TrajectoryJson.JSON.readTree(text);
        Trajectory t = TrajectoryJson.read(node);
        if (node.has(BEFORE)) {
          before.add(t);
        } else if (node.has(DRAFT)) {
          drafts.computeIfAbsent(node.get(DRAFT).longValue(), _ -> new ArrayList<>()).add(t);
          firstVisits.put(node.get(DRAFT).longValue(), node.get("firstVisit").longValue());
        } else if (node.has("batch")) {
          waiting.computeIfAbsent(node.get("batch").longValue(), _ -> new ArrayList<>()).add(t);
          dropped.put(node.get("batch").longValue(), node.get("dropped").intValue());
        } else {
          pooled.computeIfAbsent(node.get("pooled").intValue(), _ -> new ArrayList<>()).add(t);
          uses.put(node.get("pooled").intValue(), node.get("uses").intValue());
        }
      }
    }
    List<Batch> batches = new ArrayList<>();
    waiting.forEach((number, trajectories) -> batches.add(new Batch(number, dropped.get(number), trajectories)));
    List<BatchSource.Draft> written = new ArrayList<>();
    drafts.forEach((number, answers) -> written.add(new BatchSource.Draft(number, firstVisits.get(number), answers)));
    List<BatchSource.Pooled> pool = new ArrayList<>();
    pooled.forEach((i, group) -> pool.add(new BatchSource.Pooled(uses.get(i), group)));
    return new TrainerState(root.required("step").intValue(), passes,
        new Learner.Memory(memory(root.required("objectiveMemory")), memory(root.required("estimatorMemory")),
            memory(root.required("critic")), before),
        new BatchSource.State(root.required("sampled").longValue(), root.required("visits").longValue(), batches, written, pool));
  }

  private static void write(ObjectNode node, Map<String, double[]> memory) {
    new TreeMap<>(memory).forEach((name, values) -> node.set(name, TrajectoryJson.array(values)));
  }

  private static Map<String, double[]> memory(JsonNode node) {
    Map<String, double[]> memory = new LinkedHashMap<>();
    node.properties().forEach(entry -> memory.put(entry.getKey(), TrajectoryJson.doubles(entry.getValue())));
    return memory;
  }

  private static void line(BufferedWriter out, JsonNode node) throws IOException {
    out.write(node.toString());
    out.newLine();
  }
}
