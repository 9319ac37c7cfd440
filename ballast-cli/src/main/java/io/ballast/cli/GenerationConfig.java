package io.ballast.cli;

import io.ballast.ledger.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How a checkpoint wants to be sampled from: its {@code generation_config.json}, where null means the same as nothing. */
record GenerationConfig(Path path, Map<String, @Nullable Object> values) {
  /** What changes the answers elsewhere and is not done here, with the number at which it changes nothing (NaN: any number does). */
  private static final Map<String, Double> NOT_APPLIED = Map.ofEntries(
      Map.entry("repetition_penalty", 1.0), Map.entry("encoder_repetition_penalty", 1.0), Map.entry("no_repeat_ngram_size", 0.0),
      Map.entry("encoder_no_repeat_ngram_size", 0.0), Map.entry("typical_p", 1.0), Map.entry("epsilon_cutoff", 0.0), Map.entry("eta_cutoff", 0.0),
      Map.entry("top_h", Double.NaN), Map.entry("bad_words_ids", Double.NaN), Map.entry("force_words_ids", Double.NaN),
      Map.entry("suppress_tokens", Double.NaN), Map.entry("begin_suppress_tokens", Double.NaN), Map.entry("forced_bos_token_id", Double.NaN),
      Map.entry("forced_eos_token_id", Double.NaN), Map.entry("min_new_tokens", 0.0), Map.entry("min_length", 0.0), Map.entry("num_beams", 1.0),
      Map.entry("num_beam_groups", 1.0), Map.entry("diversity_penalty", 0.0), Map.entry("num_return_sequences", 1.0), Map.entry("penalty_alpha", 0.0),
      Map.entry("sequence_bias", Double.NaN), Map.entry("exponential_decay_length_penalty", Double.NaN), Map.entry("guidance_scale", 1.0),
      Map.entry("watermarking_config", Double.NaN), Map.entry("stop_strings", Double.NaN), Map.entry("dola_layers", Double.NaN));

  /** @throws RequestException if the folder's file is not a JSON object, or a setting that is applied is of the wrong kind */
  static GenerationConfig of(Path model) {
    Path path = model.resolve("generation_config.json");
    GenerationConfig config;
    try {
      config = new GenerationConfig(path, Files.exists(path) ? Json.object(Files.readString(path)) : Map.of());
    } catch (IllegalArgumentException | IOException e) {
      throw new RequestException("%s cannot be read: %s".formatted(path, e.getMessage()));
    }
    config.sampled();
    config.stops();
    for (String key : List.of("temperature", "top_p", "min_p")) config.real(key, 0);
    for (String key : List.of("top_k", "max_new_tokens")) config.whole(key, 0);
    return config;
  }

  boolean sampled() {
    Object value = values.get("do_sample");
    if (value != null && !(value instanceof Boolean)) throw refused("do_sample", "true or false");
    return Boolean.TRUE.equals(value);
  }

  double real(String key, double otherwise) {
    Object value = values.get(key);
    if (value == null) return otherwise;
    if (!(value instanceof Number number)) throw refused(key, "a number");
    return number.doubleValue();
  }

  int whole(String key, int otherwise) {
    Object value = values.get(key);
    if (value == null) return otherwise;
    return token(key, value, "a whole number");
  }

  /** The tokens that end an answer. */
  Set<Integer> stops() {
    Object value = values.get("eos_token_id");
    List<?> ids = value instanceof List<?> several ? several : value == null ? List.of() : List.of(value);
    return ids.stream().map(id -> token("eos_token_id", id, "a token id or a list of them")).collect(Collectors.toSet());
  }

  /** One line about the settings that are in the file and have no effect here; empty if there are none. */
  Optional<String> notApplied() {
    var found = new TreeMap<String, @Nullable Object>();
    values.forEach((key, value) -> {
      Double neutral = NOT_APPLIED.get(key);
      if (neutral != null && !nothing(value, neutral)) found.put(key, value);
    });
    if (found.isEmpty()) return Optional.empty();
    return Optional.of(path + ": not applied: " + found.entrySet().stream().map(e -> e.getKey() + " = " + Json.text(e.getValue())).collect(Collectors.joining(", "))
        + "; answers follow do_sample, temperature, top_k, top_p, min_p, eos_token_id and max_new_tokens alone");
  }

  private static boolean nothing(@Nullable Object value, double neutral) {
    return switch (value) {
      case null -> true;
      case Number number -> number.doubleValue() == neutral;
      case Collection<?> several -> several.isEmpty();
      case Map<?, ?> object -> object.isEmpty();
      default -> Boolean.FALSE.equals(value);
    };
  }

  private int token(String key, @Nullable Object value, String rule) {
    if (!(value instanceof Long number) || number != number.intValue()) throw refused(key, rule);
    return number.intValue();
  }

  private RequestException refused(String key, String rule) {
    return new RequestException("%s: %s = %s: %s was expected".formatted(path, key, Json.text(values.get(key)), rule));
  }
}
