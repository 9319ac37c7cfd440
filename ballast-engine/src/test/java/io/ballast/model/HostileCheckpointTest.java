package io.ballast.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever lies in the folder of a checkpoint: a model, or one message naming the file. Never a crash, never another exception. */
class HostileCheckpointTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TokenRows ROWS = TokenRows.all(new int[][] {{1, 2, 3, 4}});

  @TempDir Path dir;

  private static void load(Path dir) throws IOException {
    try (Policy policy = Policy.load(dir, Device.CPU, DType.FP32)) {
      policy.score(ROWS, 1);
    }
  }

  /** True if the folder loads; false if it is refused as it should be. */
  private boolean loads(String what) throws IOException {
    try {
      load(dir);
      return true;
    } catch (IllegalArgumentException e) {
      if (!e.getMessage().startsWith("row 0 has 4 tokens; max_position_embeddings")) assertThat(e.getMessage()).as(what).contains(dir.toString());
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "gemma2", "qwen3-moe"})
  void a_mutated_header_is_a_model_or_one_message(String name) throws IOException {
    SafetensorsFileTest.copy(name, dir);
    byte[] good = Files.readAllBytes(dir.resolve("model.safetensors"));
    int length = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
    byte[] data = Arrays.copyOfRange(good, 8 + length, good.length);
    Random random = new Random(name.hashCode());
    for (int trial = 0; trial < 120; trial++) {
      ObjectNode header = (ObjectNode) JSON.readTree(Arrays.copyOfRange(good, 8, 8 + length));
      String what = mutate(header, random);
      byte[] json = JSON.writeValueAsBytes(header);
      var bytes = new ByteArrayOutputStream();
      bytes.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).array());
      bytes.write(json);
      bytes.write(data, 0, random.nextInt(8) == 0 ? random.nextInt(data.length) : data.length);
      Files.write(dir.resolve("model.safetensors"), bytes.toByteArray());
      loads(what);
    }
  }

  private static String mutate(ObjectNode header, Random random) {
    List<String> names = new ArrayList<>();
    header.fieldNames().forEachRemaining(n -> { if (!n.startsWith("__")) names.add(n); });
    String name = names.get(random.nextInt(names.size()));
    String other = names.get(random.nextInt(names.size()));
    ObjectNode tensor = (ObjectNode) header.get(name);
    ArrayNode shape = (ArrayNode) tensor.get("shape");
    ArrayNode offsets = (ArrayNode) tensor.get("data_offsets");
    long[] numbers = {-1, 0, 1, 3, 1L << 31, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE, random.nextInt(100_000)};
    long number = numbers[random.nextInt(numbers.length)];
    int kind = random.nextInt(12);
    switch (kind) {
      case 0 -> tensor.put("dtype", List.of("I64", "F16", "F8_E4M3", "", "f32", "BOOL").get(random.nextInt(6)));
      case 1 -> shape.set(random.nextInt(shape.size()), number);
      case 2 -> shape.add(number);
      case 3 -> shape.removeAll();
      case 4 -> offsets.set(random.nextInt(2), number);
      case 5 -> tensor.set("data_offsets", header.get(other).get("data_offsets").deepCopy());
      case 6 -> header.remove(name);
      case 7 -> header.set("model." + name, header.remove(name));
      case 8 -> tensor.set("shape", JSON.getNodeFactory().textNode("[1]"));
      case 9 -> header.set(name, JSON.getNodeFactory().nullNode());
      case 10 -> {
        JsonNode swapped = header.get(other);
        header.set(other, tensor);
        header.set(name, swapped);
      }
      default -> header.put("__metadata__", 7);
    }
    return "mutation %d of %s by %d".formatted(kind, name, number);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama3-rope", "gemma2", "qwen3-moe", "qwen2", "mistral"})
  void a_mutated_configuration_is_a_model_or_one_message(String name) throws IOException {
    SafetensorsFileTest.copy(name, dir);
    byte[] good = Files.readAllBytes(dir.resolve("config.json"));
    Random random = new Random(name.hashCode());
    String[] values = {"-1", "0", "1", "3", "2147483647", "9223372036854775807", "1e308", "-0.5", "\"x\"", "null", "true", "[]", "{}", "[1]", "{\"a\":1}",
        "[\"full_attention\"]", "1e-300"};
    for (int trial = 0; trial < 200; trial++) {
      ObjectNode config = (ObjectNode) JSON.readTree(good);
      ObjectNode target = config.path("rope_parameters").isObject() && random.nextInt(4) == 0 ? (ObjectNode) config.get("rope_parameters") : config;
      List<String> keys = new ArrayList<>();
      target.fieldNames().forEachRemaining(keys::add);
      String key = keys.get(random.nextInt(keys.size()));
      String value = values[random.nextInt(values.length)];
      if (random.nextInt(6) == 0) target.remove(key);
      else target.set(key, JSON.readTree(value));
      Files.write(dir.resolve("config.json"), JSON.writeValueAsBytes(config));
      loads(key + " = " + value);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      "num_hidden_layers": 2147483647                           | num_hidden_layers must be at most
      "vocab_size": 2147483647                                  | has shape [61, 32], config.json asks for [2147483647, 32]
      "intermediate_size": 2147483647                           | rows of the MLP must be at most
      "head_dim": 2147483646                                    | rows of the attention projections must be at most
      "rope_scaling": "yarn"                                    | rope_scaling = "yarn": an object
      "rope_scaling": {"rope_type": "dynamic", "factor": 2}     | type 'dynamic' is not supported; supported are default, linear, llama3
      "rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4} | original_max_position_embeddings
      "rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 10000}} | by layer type
      "attention_bias": true                                    | tensors of the model are missing, the first is 'model.layers.0.self_attn.q_proj.bias'
      "hidden_act": "gelu"                                      | hidden_act = "gelu": supported is silu
      "eos_token_id": ["two"]                                   | token ids were expected
      "model_type": "gpt_neox"                                  | model_type 'gpt_neox' is not supported
      """)
  void a_key_that_cannot_be_met_is_named_before_memory_is_taken(String override, String message) throws IOException {
    SafetensorsFileTest.copy("llama", dir);
    String config = Files.readString(dir.resolve("config.json")).replaceFirst("(?s)\"rope_parameters\".*?}", "\"use_cache\": true");
    // The last of equal keys counts.
    Files.writeString(dir.resolve("config.json"), config.substring(0, config.lastIndexOf('}')) + ", " + override + "}");
    assertThatThrownBy(() -> load(dir)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(dir.toString()).hasMessageContaining(message);
  }

  @Test void gemma_with_another_activation_is_refused() throws IOException {
    SafetensorsFileTest.copy("gemma2", dir);
    Path file = dir.resolve("config.json");
    Files.writeString(file, Files.readString(file).replace("\"gelu_pytorch_tanh\"", "\"gelu\""));
    assertThatThrownBy(() -> load(dir)).hasMessageContaining("hidden_activation = \"gelu\": supported is gelu_pytorch_tanh");
  }

  @Test void what_a_family_leaves_out_is_its_default_and_null_is_none() throws IOException {
    SafetensorsFileTest.copy("gemma2", dir);
    ObjectNode config = (ObjectNode) JSON.readTree(Files.readAllBytes(dir.resolve("config.json")));
    config.remove(List.of("attn_logit_softcapping", "sliding_window", "layer_types"));
    config.putNull("final_logit_softcapping");
    Files.write(dir.resolve("config.json"), JSON.writeValueAsBytes(config));
    ModelConfig read = ModelConfig.read(dir);
    assertThat(read.windows()).containsExactly(4096, 0);
    assertThat(read.gemma().attentionSoftcap()).isEqualTo(50);
    assertThat(read.gemma().finalSoftcap()).isZero();
  }

  @Test void a_header_of_millions_of_nodes_is_one_message() throws IOException {
    SafetensorsFileTest.copy("llama", dir);
    byte[] header = new byte[30_000_000];
    header[0] = '[';
    for (int i = 1; i + 2 < header.length; i += 3) System.arraycopy(new byte[] {'[', ']', ','}, 0, header, i, 3);
    ByteBuffer file = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header);
    Files.write(dir.resolve("model.safetensors"), file.array());
    assertThat(loads("nodes")).isFalse();
  }

  @Test void links_lead_to_files_as_in_a_download_cache_and_to_nothing_else() throws IOException {
    Path blobs = Files.createDirectory(dir.resolve("blobs"));
    Path snapshot = Files.createDirectory(dir.resolve("snapshot"));
    SafetensorsFileTest.copy("llama", blobs);
    for (String name : List.of("config.json", "model.safetensors")) Files.createSymbolicLink(snapshot.resolve(name), Path.of("../blobs", name));
    load(snapshot);
    for (String target : List.of("/dev/zero", "/", "../gone", "model.safetensors", "../blobs/config.json")) {
      Files.delete(snapshot.resolve("model.safetensors"));
      Files.createSymbolicLink(snapshot.resolve("model.safetensors"), Path.of(target));
      assertThatThrownBy(() -> load(snapshot)).as(target).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(snapshot.toString());
    }
  }

  /** The index of a checkpoint in two files, cut, with bytes turned over, or with values nobody would write. */
  @Test void a_mutated_index_is_a_model_or_one_message() throws IOException {
    SafetensorsFileTest.copy("llama", dir);
    SafetensorsFileTest.split(SafetensorsFileTest.PARITY.resolve("llama/model.safetensors"), dir);
    load(dir);
    Path index = dir.resolve("model.safetensors.index.json");
    byte[] good = Files.readAllBytes(index);
    Random random = new Random(5);
    List<String> values = List.of("\"../model-00000.safetensors\"", "\"/dev/zero\"", "\"model-00000.safetensors\\u0000\"", "7", "null", "[]", "{}", "\"\"",
        "\"model-00001.safetensors\"", "\"gone.safetensors\"", "\"config.json\"", "\"" + "a".repeat(5000) + ".safetensors\"");
    int refused = 0;
    for (int trial = 0; trial < 200; trial++) {
      byte[] bad = good.clone();
      if (trial % 2 == 0) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
        if (random.nextInt(4) == 0) bad = Arrays.copyOf(bad, random.nextInt(bad.length));
      } else {
        ObjectNode root = (ObjectNode) JSON.readTree(good);
        JsonNode value = JSON.readTree(values.get(random.nextInt(values.size())));
        if (random.nextInt(8) == 0) root.set("weight_map", value);
        else ((ObjectNode) root.get("weight_map")).set("model.norm.weight", value);
        bad = JSON.writeValueAsBytes(root);
      }
      Files.write(index, bad);
      if (!loads(new String(bad, StandardCharsets.ISO_8859_1))) refused++;
    }
    assertThat(refused).isGreaterThan(80);
    Files.write(index, "[".repeat(100_000).getBytes(StandardCharsets.UTF_8));
    assertThat(loads("depth")).isFalse();
    Files.delete(index);
    Files.createDirectory(index);
    assertThat(loads("folder")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void a_weight_that_is_no_number_is_named(float value) throws IOException {
    SafetensorsFileTest.copy("llama", dir);
    byte[] file = Files.readAllBytes(dir.resolve("model.safetensors"));
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    SafetensorsFile.Entry entry = SafetensorsFile.open(dir.resolve("model.safetensors")).entries().get("model.layers.1.mlp.down_proj.weight");
    bytes.putFloat((int) entry.begin() + 4 * 77, value);
    Files.write(dir.resolve("model.safetensors"), file);
    assertThatThrownBy(() -> load(dir)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tensor 'model.layers.1.mlp.down_proj.weight' holds NaN or infinity");
  }

  @Test void a_description_of_a_hundred_megabytes_is_refused_unread() throws IOException {
    SafetensorsFileTest.copy("llama", dir);
    try (var file = new RandomAccessFile(dir.resolve("config.json").toFile(), "rw")) {
      file.setLength(100_000_000);
    }
    assertThatThrownBy(() -> load(dir)).hasMessageContaining("config.json has 100000000 bytes, more than the 32000000");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      "r": 2000000000                | r is 2000000000, but tensor
      "r": -1                        | rank must be at least 1, got -1
      "r": "many"                    | rank must be at least 1, got 0
      "target_modules": ".*_proj"    | target_modules must be a list
      "target_modules": ["lm_head"]  | target 'lm_head' is unknown
      "target_modules": ["q_proj"]   | is no part of this adapter
      "use_rslora": true             | use_rslora = true is not supported
      "base_model_name_or_path": "a\\u0000b" | base_model_name_or_path is no path
      """)
  void an_adapter_that_is_not_what_it_says_is_one_message(String override, String message) throws IOException {
    Path base = Files.createDirectory(dir.resolve("base"));
    SafetensorsFileTest.copy("llama", base);
    Path adapter = Files.createDirectory(dir.resolve("adapter"));
    try (Policy policy = Policy.load(base, Device.CPU, DType.FP32)) {
      policy.attach(new Lora(2, 4, List.of("q_proj", "v_proj")), 1);
      policy.saveAdapter(adapter, base.toString());
    }
    load(adapter);
    Path config = adapter.resolve("adapter_config.json");
    Files.writeString(config, Files.readString(config).replaceFirst("}\\s*$", Matcher.quoteReplacement(", " + override + "}")));
    assertThatThrownBy(() -> load(adapter)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
  }

  @Test void an_adapter_whose_base_is_an_adapter_is_refused() throws IOException {
    Path file = dir.resolve("adapter_config.json");
    for (String base : List.of(".", "", "gone", "/dev/null")) {
      Files.writeString(file, "{\"base_model_name_or_path\": \"" + base + "\"}");
      assertThatThrownBy(() -> load(dir)).as(base).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("is no folder of a model");
    }
    Files.writeString(file, "{\"base_model_name_or_path\": ");
    assertThatThrownBy(() -> load(dir)).hasMessageContaining(file + ": not valid JSON");
  }
}
