package io.ballast.method;

import io.ballast.advantage.Rewards;
import io.ballast.objective.Column;
import io.ballast.objective.StepTotals;
import io.ballast.objective.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The sequences of a probe case, read and checked; masked tokens are gone, and come back as zeros in {@link #perSequence}. */
final class ProbeInput {
  private static final Set<String> FIELDS = Set.of("group", "logp", "oldLogp", "advantage", "reward", "mask",
      Column.BEHAVIOUR_LOGP, Column.REF_LOGP, Column.ENTROPY, Column.OLD_ENTROPY, Column.VALUE, Column.TURN, Column.SENTENCE);
  private static final Set<String> NOT_COLUMNS = Set.of("group", "logp", "oldLogp", "advantage", "reward", "mask");

  private final int sequences;
  private final boolean[][] kept;
  private final int[] offsets;
  private final int[] group;
  private final double[] logp;
  private final double[] oldLogp;
  private final double @Nullable [] advantage;
  private final double[] reward;
  private final Map<String, double[]> parts = new LinkedHashMap<>();
  private final Map<String, double[]> columns = new LinkedHashMap<>();
  private int longest = 1;

  private ProbeInput(List<Map<?, ?>> given, List<String> needed) {
    sequences = given.size();
    kept = new boolean[sequences][];
    offsets = new int[sequences + 1];
    group = new int[sequences];
    for (int s = 0; s < sequences; s++) {
      checkNames(s, given.get(s), needed);
      int length = required(s, given.get(s), "logp").size();
      longest = Math.max(longest, length);
      kept[s] = mask(s, given.get(s), length);
      group[s] = whole(s, "group", given.get(s).get("group"));
      offsets[s + 1] = offsets[s];
      for (boolean keep : kept[s]) if (keep) offsets[s + 1]++;
    }
    logp = column(given, "logp");
    oldLogp = column(given, "oldLogp");
    boolean withAdvantage = given.stream().anyMatch(sequence -> sequence.get("advantage") != null);
    advantage = withAdvantage ? column(given, "advantage") : null;
    reward = new double[sequences];
    boolean rewarded = needed.contains(Column.REWARD);
    if (!withAdvantage || rewarded) readRewards(given, withAdvantage);
    if (rewarded) columns.put(Column.REWARD, rewards().perToken(reward));
    readColumns(given, needed);
  }

  static ProbeInput read(@Nullable Object given, List<String> needed) {
    if (!(given instanceof List<?> list) || list.isEmpty()) {
      throw new IllegalArgumentException("sequences must be an array of one sequence or more, got %s".formatted(given));
    }
    List<Map<?, ?>> sequences = new ArrayList<>();
    for (Object one : list) {
      if (!(one instanceof Map<?, ?> map)) {
        throw new IllegalArgumentException("sequence %d must be an object, got %s".formatted(sequences.size(), one));
      }
      sequences.add(map);
    }
    return new ProbeInput(sequences, needed);
  }

  boolean hasAdvantage() {
    return advantage != null;
  }

  double[] advantage() {
    if (advantage == null) throw new IllegalStateException("no advantages were given");
    return advantage;
  }

  Rewards rewards() {
    Map<String, double[]> readable = new HashMap<>(columns);
    readable.put(Column.OLD_LOGP, oldLogp);
    readable.put(Column.LOGP, logp);
    return new Rewards(group, reward, offsets, parts, readable);
  }

  TokenBatch batch(double[] advantages) {
    int prompts = (int) Arrays.stream(group).distinct().count();
    int[] ids = new int[sequences];
    Arrays.setAll(ids, s -> s);
    return new TokenBatch(offsets, group, ids, logp, oldLogp, advantages, columns,
        new StepTotals(sequences, offsets[sequences], prompts, longest));
  }

  /** A number per trained token as arrays per given sequence, 0 at masked tokens. */
  List<double[]> perSequence(double[] values) {
    List<double[]> out = new ArrayList<>();
    for (int s = 0; s < sequences; s++) {
      double[] all = new double[kept[s].length];
      int at = offsets[s];
      for (int t = 0; t < all.length; t++) if (kept[s][t]) all[t] = values[at++];
      out.add(all);
    }
    return out;
  }

  private static void checkNames(int s, Map<?, ?> sequence, List<String> needed) {
    Set<String> known = new LinkedHashSet<>(FIELDS);
    known.addAll(needed);
    for (Object key : sequence.keySet()) {
      String field = String.valueOf(key);
      if (known.contains(field)) continue;
      // a field that nobody knows may be a label of the user's; one that nearly has a known name is a slip of the pen
      Nearest.to(field, known).filter(near -> Math.abs(near.length() - field.length()) <= 1).ifPresent(near -> {
        throw new IllegalArgumentException("sequence %d: unknown field \"%s\"; did you mean \"%s\"?".formatted(s, field, near));
      });
    }
  }

  private static boolean[] mask(int s, Map<?, ?> sequence, int length) {
    boolean[] kept = new boolean[length];
    Arrays.fill(kept, true);
    if (sequence.get("mask") == null) return kept;
    List<?> mask = required(s, sequence, "mask");
    sameLength(s, "mask", mask.size(), length);
    for (int t = 0; t < length; t++) {
      Object bit = mask.get(t);
      double value = bit instanceof Boolean flag ? flag ? 1 : 0 : number(s, "mask", t, bit);
      if (value != 0 && value != 1) throw new IllegalArgumentException("sequence %d, token %d: mask is %s; it must be 0 or 1".formatted(s, t, bit));
      kept[t] = value == 1;
    }
    return kept;
  }

  private void readRewards(List<Map<?, ?>> given, boolean withAdvantage) {
    for (int s = 0; s < sequences; s++) {
      switch (given.get(s).get("reward")) {
        case null -> throw new IllegalArgumentException(withAdvantage ? "sequence %d: reward is missing; this method needs it".formatted(s)
            : "sequence %d: advantage and reward are both missing; one of them is required".formatted(s));
        case Map<?, ?> named -> readParts(s, named);
        case Object single -> reward[s] = finite(s, "reward", single);
      }
    }
  }

  /** Named rewards: the scalar is their sum. */
  private void readParts(int s, Map<?, ?> named) {
    for (var part : named.entrySet()) {
      double value = finite(s, "reward." + part.getKey(), part.getValue());
      parts.computeIfAbsent(String.valueOf(part.getKey()), _ -> new double[sequences])[s] = value;
      reward[s] += value;
    }
    for (String name : parts.keySet()) {
      if (!named.containsKey(name)) throw new IllegalArgumentException("sequence %d: reward.%s is missing; other sequences have it".formatted(s, name));
    }
  }

  private void readColumns(List<Map<?, ?>> given, List<String> needed) {
    Set<String> names = new LinkedHashSet<>(needed);
    for (Map<?, ?> sequence : given) {
      for (var field : sequence.entrySet()) {
        if (field.getValue() instanceof List<?>) names.add(String.valueOf(field.getKey()));
      }
    }
    names.removeAll(NOT_COLUMNS);
    for (String name : names) {
      long present = given.stream().filter(sequence -> sequence.get(name) != null).count();
      boolean everywhere = present == given.size();
      // with advantages given, a column that only the estimator reads is not needed; the objective refuses what it misses by name
      if (present == 0 && advantage != null && !name.equals(Column.BEHAVIOUR_LOGP)) continue;
      boolean filled = name.equals(Column.BEHAVIOUR_LOGP);
      if (everywhere || filled || needed.contains(name)) columns.put(name, column(given, name));
    }
  }

  /** One value (or k values) per trained token; a single number in a sequence holds for all its tokens. */
  private double[] column(List<Map<?, ?>> given, String name) {
    double[] values = new double[0];
    int width = -1, at = 0;
    for (int s = 0; s < sequences; s++) {
      Object field = given.get(s).get(name);
      if (field == null && name.equals(Column.BEHAVIOUR_LOGP)) field = given.get(s).get("oldLogp");
      if (field == null) throw new IllegalArgumentException("sequence %d: %s is missing".formatted(s, name));
      if (field instanceof List<?> list) sameLength(s, name, list.size(), kept[s].length);
      else if (name.equals("logp") || name.equals("oldLogp")) throw notANumber(s, name, -1, field);
      for (int t = 0; t < kept[s].length; t++) {
        Object entry = field instanceof List<?> list ? list.get(t) : field;
        int size = entry instanceof List<?> several ? several.size() : 1;
        if (width < 0) {
          width = size;
          values = new double[offsets[sequences] * width];
        }
        if (size != width) {
          throw new IllegalArgumentException("sequence %d, token %d: %s has %d values, other tokens have %d".formatted(s, t, name, size, width));
        }
        if (!kept[s][t]) continue;
        for (int k = 0; k < width; k++) values[at++] = number(s, name, t, entry instanceof List<?> several ? several.get(k) : entry);
      }
    }
    return values;
  }

  private static List<?> required(int s, Map<?, ?> sequence, String name) {
    return switch (sequence.get(name)) {
      case null -> throw new IllegalArgumentException("sequence %d: %s is missing".formatted(s, name));
      case List<?> list -> list;
      case Object other -> throw new IllegalArgumentException("sequence %d: %s must be an array of numbers, got %s".formatted(s, name, other));
    };
  }

  private static void sameLength(int s, String name, int given, int wanted) {
    if (given != wanted) throw new IllegalArgumentException("sequence %d: %s has %d values, logp has %d".formatted(s, name, given, wanted));
  }

  private static int whole(int s, String name, @Nullable Object given) {
    if (given == null) return 0;
    double value = finite(s, name, given);
    if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("sequence %d: %s must be a whole number, got %s".formatted(s, name, given));
    }
    return (int) value;
  }

  private static double finite(int s, String name, @Nullable Object given) {
    return number(s, name, -1, given);
  }

  private static double number(int s, String name, int token, @Nullable Object given) {
    if (given instanceof Number number && Double.isFinite(number.doubleValue())) return number.doubleValue();
    throw notANumber(s, name, token, given);
  }

  private static IllegalArgumentException notANumber(int s, String name, int token, @Nullable Object given) {
    return new IllegalArgumentException("sequence %d%s: %s is %s; it must be a finite number"
        .formatted(s, token < 0 ? "" : ", token " + token, name, given instanceof String text ? '"' + text + '"' : given));
  }
}
