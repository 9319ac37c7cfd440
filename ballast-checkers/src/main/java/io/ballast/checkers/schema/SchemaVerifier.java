package io.ballast.checkers.schema;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import io.ballast.verify.Excerpt;
import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Structured output: an answer that is JSON, of the asked shape, in the asked form, with the asked contents.
 *
 * <pre>
 *   score = Σ w_p · part_p / Σ w_p            over the parts whose weight is not 0
 *   valid       1 if the answer parses as one JSON value
 *   structure   share of the schema's required fields that are there, at the top level
 *   format      1 if the answer is nothing but the JSON (or one {@code ```json} fence around it)
 *   content     with a reference: F1 of the fields, by path and value, 2 · same / (reference's + answer's); without one: 1 if
 *               the schema accepts the answer
 * </pre>
 *
 * Right only where the schema accepts the answer and every part is full; anything less is wrong with its share of the score.
 * The gold is a JSON Schema, or {@code {"schema": …, "reference": …}}. References to other documents are not followed.
 *
 * @see <a href="https://arxiv.org/abs/2512.00319">RL-Struct</a>, the parts of its reward; its weights are not published,
 *     these are ours
 */
public final class SchemaVerifier implements Verifier {
  private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(200).maxStringLength(2_000_000).maxNumberLength(400).build())
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final JsonSchemaFactory SCHEMAS = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012,
      builder -> builder.schemaLoaders(loaders -> loaders.values(all -> all.clear()))); // no network, no files
  private static final SchemaValidatorsConfig CONFIG = SchemaValidatorsConfig.builder().failFast(true).build();
  private static final Pattern FENCE = Pattern.compile("```(?:json|JSON)?[ \\t]*\\n(.*?)\\n?```", Pattern.DOTALL);

  /** Weights of the parts, not negative, not all 0. */
  public record Weights(double valid, double structure, double format, double content) {}

  private record Gold(JsonSchema schema, JsonNode document, Optional<JsonNode> reference) {}

  private final Weights weights;

  public SchemaVerifier(Weights weights) {
    this.weights = weights;
  }

  @Override public Verdict verify(String gold, String answer) {
    Gold expected;
    try {
      expected = gold(gold);
    } catch (JsonProcessingException e) {
      return new Verdict.UnreadableGold("the schema is no JSON: " + Excerpt.cut(e.getOriginalMessage(), 200));
    } catch (RuntimeException e) {
      return new Verdict.UnreadableGold("no schema: " + Excerpt.cut(String.valueOf(e.getMessage()), 200));
    }
    if (Excerpt.blank(answer)) return new Verdict.Unanswered("the answer is empty");
    var fence = FENCE.matcher(answer);
    boolean fenced = fence.find();
    var text = fenced ? fence.group(1) : answer.strip();
    boolean format = fenced ? answer.substring(0, fence.start()).isBlank() && answer.substring(fence.end()).isBlank() : true;
    JsonNode value;
    try {
      value = parsed(text, fenced);
    } catch (JsonProcessingException e) {
      return new Verdict.Unanswered("no JSON: " + Excerpt.cut(e.getOriginalMessage(), 200));
    }
    if (!fenced && !isWhole(text)) format = false;
    return judged(expected, value, format);
  }

  @Override public Verdict lint(String gold) {
    try {
      var expected = gold(gold);
      if (expected.reference.isEmpty()) return new Verdict.Right(Excerpt.cut(gold, 200), "a schema");
      return judged(expected, expected.reference.get(), true);
    } catch (JsonProcessingException | RuntimeException e) {
      return verify(gold, "");
    }
  }

  private Verdict judged(Gold expected, JsonNode value, boolean format) {
    var problems = expected.schema.validate(value);
    double structure = structure(expected.document, value);
    double content = expected.reference.map(reference -> overlap(reference, value)).orElse(problems.isEmpty() ? 1.0 : 0.0);
    double full = weights.valid + weights.structure + weights.format + weights.content;
    double score = (weights.valid + weights.structure * structure + weights.format * (format ? 1 : 0) + weights.content * content) / full;
    var shown = Excerpt.cut(value.toString(), 200);
    if (problems.isEmpty() && score == 1) return new Verdict.Right(shown, "the schema accepts it");
    var parts = "valid 1, structure %.2f, format %d, content %.2f".formatted(structure, format ? 1 : 0, content);
    var why = problems.isEmpty() ? parts : parts + "; " + Excerpt.cut(problems.iterator().next().getMessage(), 160);
    return new Verdict.Wrong(Math.min(score, Math.nextDown(1.0)), shown, why);
  }

  private static Gold gold(String gold) throws JsonProcessingException {
    var document = JSON.readTree(gold);
    if (document == null || !document.isObject() || document.isEmpty()) throw new IllegalArgumentException("expected a JSON object that is not empty");
    boolean wrapped = document.path("schema").isObject();
    var schema = wrapped ? document.get("schema") : document;
    var compiled = SCHEMAS.getSchema(schema, CONFIG);
    compiled.initializeValidators();
    return new Gold(compiled, schema, wrapped ? Optional.ofNullable(document.get("reference")) : Optional.empty());
  }

  /** The JSON value of a text; outside a fence, prose before the first and after the last bracket is passed over. */
  private static JsonNode parsed(String text, boolean fenced) throws JsonProcessingException {
    try {
      return present(JSON.readTree(text));
    } catch (JsonProcessingException e) {
      int open = first(text), close = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'));
      if (fenced || open < 0 || close < open || (open == 0 && close == text.length() - 1)) throw e;
      return present(JSON.readTree(text.substring(open, close + 1)));
    }
  }

  private static JsonNode present(JsonNode node) throws JsonProcessingException {
    if (node == null || node.isMissingNode()) throw new JsonParseException((JsonParser) null, "nothing written");
    return node;
  }

  private static int first(String text) {
    int brace = text.indexOf('{'), bracket = text.indexOf('[');
    return brace < 0 ? bracket : bracket < 0 ? brace : Math.min(brace, bracket);
  }

  private static boolean isWhole(String text) {
    try {
      JSON.readTree(text);
      return true;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private static double structure(JsonNode schema, JsonNode value) {
    var required = schema.path("required");
    if (!required.isArray() || required.isEmpty()) return 1;
    int there = 0;
    for (var field : required) if (value.has(field.asText())) there++;
    return there / (double) required.size();
  }

  /** F1 of the paths that lead to the same leaf on both sides; numbers are compared as numbers. */
  private static double overlap(JsonNode reference, JsonNode value) {
    var expected = new TreeMap<String, JsonNode>();
    var given = new TreeMap<String, JsonNode>();
    leaves("", reference, expected);
    leaves("", value, given);
    long same = expected.entrySet().stream().filter(leaf -> same(leaf.getValue(), given.get(leaf.getKey()))).count();
    return 2.0 * same / (expected.size() + given.size());
  }

  private static void leaves(String path, JsonNode node, Map<String, JsonNode> leaves) {
    if (node.isObject() && !node.isEmpty()) node.properties().forEach(field -> leaves(path + "/" + field.getKey().replace("~", "~0").replace("/", "~1"), field.getValue(), leaves));
    else if (node.isArray() && !node.isEmpty()) for (int i = 0; i < node.size(); i++) leaves(path + "/" + i, node.get(i), leaves);
    else leaves.put(path, node);
  }

  private static boolean same(JsonNode a, @Nullable JsonNode b) {
    if (b == null) return false;
    return a.isNumber() && b.isNumber() ? a.decimalValue().compareTo(b.decimalValue()) == 0 : a.equals(b);
  }
}
