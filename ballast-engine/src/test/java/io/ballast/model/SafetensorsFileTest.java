package io.ballast.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
  static final Path PARITY = Path.of("src/test/resources/parity");

  @TempDir Path dir;

  private Path file(String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    return Files.write(dir.resolve("hostile.safetensors"), bytes.array());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}} | 12 | overlap or leave a gap
      {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | 8 | overlap or leave a gap
      {"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}} | 12 | overlap or leave a gap
      {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | 7 | truncated
      {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | 9 | follow the last tensor
      {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}} | 8 | takes 12 bytes
      {"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}} | 8 | has dtype F31
      {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}} | 8 | has the shape
      {"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}} | 8 | impossible shape
      {"a":{"dtype":"F32","shape":[1e3],"data_offsets":[0,8]}} | 8 | has the shape
      {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}} | 8 | truncated or not
      {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999]}} | 8 | truncated or not
      {"a":{"dtype":"F32","shape":[2]}} | 8 | needs a shape and two data_offsets
      {"a":7} | 0 | dtype none
      [1, 2] | 0 | not a JSON object
      {"a": | 0 | not valid JSON
      {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | 8 | it has 'a' twice
      {"a":{"dtype":"F32","shape":[2],"shape":[3],"data_offsets":[0,8]}} | 8 | not valid JSON
      {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} {} | 8 | stands behind the object
      {} [ | 0 | stands behind the object
      """)
  void a_hostile_header_is_one_message(String header, int dataBytes, String message) throws IOException {
    Path file = file(header, dataBytes);
    assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file + " is not a readable safetensors file: ").hasMessageContaining(message);
  }

  @Test void an_oversized_header_is_refused_before_it_is_read() throws IOException {
    for (long claimed : new long[] {1, 1L << 40, -1, Long.MIN_VALUE, 200_000_000}) {
      Path file = Files.write(dir.resolve("big"), ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(claimed).array());
      assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("its header claims");
    }
    Path tiny = Files.write(dir.resolve("tiny"), new byte[] {1, 2});
    assertThatThrownBy(() -> SafetensorsFile.open(tiny)).hasMessageContaining("2 bytes are too few");
  }

  /** Memory of these is bounded by the limits, not by the file: a tree of the whole header would take gigabytes. */
  @Test void a_header_of_very_many_small_things_is_refused_on_the_way() throws IOException {
    Path nodes = file("{\"a\":[" + "0,".repeat(3_000_000) + "0]}", 0);
    assertThatThrownBy(() -> SafetensorsFile.open(nodes)).hasMessageContaining("what it says of 'a' takes 6000003 bytes (limit 4000000)");
    var many = new StringBuilder("{");
    for (int i = 0; i < 200_001; i++) many.append("\"%d\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},".formatted(i));
    many.setCharAt(many.length() - 1, '}');
    Path tensors = file(many.toString(), 0);
    assertThatThrownBy(() -> SafetensorsFile.open(tensors)).hasMessageContaining("more than 200000 tensors");
    Path deep = file("[".repeat(50_000), 0), deeper = file("{\"a\":" + "[".repeat(50_000), 0);
    assertThatThrownBy(() -> SafetensorsFile.open(deep)).hasMessageContaining("is not a readable safetensors file");
    assertThatThrownBy(() -> SafetensorsFile.open(deeper)).hasMessageContaining("is not a readable safetensors file");
  }

  @Test void names_and_metadata_may_hold_any_text() throws IOException {
    SafetensorsFile read = SafetensorsFile.open(file("""
        {"__metadata__": {"wörter": "\\u00e9 }{ ]["},
         "ü{\\"": {"dtype":"F32","shape":[2],"data_offsets":[0,8]} , "b":{"data_offsets":[8,8],"dtype":"F32","shape":[0]}}   """, 8));
    assertThat(read.metadata()).containsExactly(java.util.Map.entry("wörter", "é }{ ]["));
    assertThat(read.entries().keySet()).containsExactly("ü{\"", "b");
  }

  @Test void any_flipped_byte_of_a_header_gives_a_model_or_a_message_but_never_a_crash() throws IOException {
    copy("llama", dir);
    byte[] good = Files.readAllBytes(dir.resolve("model.safetensors"));
    int header = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
    Random random = new Random(1);
    for (int trial = 0; trial < 150; trial++) {
      byte[] bad = good.clone();
      bad[random.nextInt(8 + header)] = (byte) random.nextInt(256);
      Files.write(dir.resolve("model.safetensors"), random.nextInt(4) == 0 ? java.util.Arrays.copyOf(bad, random.nextInt(bad.length)) : bad);
      try {
        Policy.load(dir, Device.CPU, DType.FP32).close();
      } catch (IllegalArgumentException e) {
        assertThat(e.getMessage()).contains(dir.toString());
      }
    }
  }

  @Test void missing_unknown_and_misshapen_tensors_are_named() throws IOException {
    copy("llama", dir);
    String config = Files.readString(dir.resolve("config.json"));
    Files.writeString(dir.resolve("config.json"), config.replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3"));
    assertThatThrownBy(() -> Policy.load(dir, Device.CPU, DType.FP32))
        .hasMessageContaining("9 tensors of the model are missing, the first is 'model.layers.2.self_attn.q_proj.weight'");
    Files.writeString(dir.resolve("config.json"), config.replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1"));
    assertThatThrownBy(() -> Policy.load(dir, Device.CPU, DType.FP32))
        .hasMessageContaining("9 tensors are no part of a llama model of this configuration, the first is 'model.layers.1.input_layernorm");
    Files.writeString(dir.resolve("config.json"), config.replace("\"vocab_size\": 61", "\"vocab_size\": 62"));
    assertThatThrownBy(() -> Policy.load(dir, Device.CPU, DType.FP32))
        .hasMessageContaining("tensor 'model.embed_tokens.weight' has shape [61, 32], config.json asks for [62, 32]");
  }

  @Test void an_index_may_only_name_files_beside_it() throws IOException {
    copy("llama", dir);
    Files.delete(dir.resolve("model.safetensors"));
    assertThatThrownBy(() -> Policy.load(dir, Device.CPU, DType.FP32)).hasMessageContaining("has neither model.safetensors nor");
    for (String name : new String[] {"../secret.safetensors", "/etc/passwd", "a/b.safetensors", "..", "x.bin", "a\\\\b.safetensors"}) {
      Files.writeString(dir.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"model.norm.weight\":\"" + name + "\"}}");
      assertThatThrownBy(() -> Policy.load(dir, Device.CPU, DType.FP32)).hasMessageContaining("only plain names");
    }
    Files.writeString(dir.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"model.norm.weight\":\"gone.safetensors\"}}");
    assertThatThrownBy(() -> Policy.load(dir, Device.CPU, DType.FP32)).hasMessageContaining("gone.safetensors: no such file");
  }

  @Test void a_tensor_larger_than_one_mapping_arrives_whole_also_where_it_lies_at_an_odd_byte() throws IOException {
    int count = 5_000_000; // of 2 bytes: a window of 8 MiB and a part of one
    byte[] header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"I16\",\"shape\":[%d],\"data_offsets\":[1,%d]}}"
        .formatted(count, 1 + 2 * count).getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 1 + 2 * count).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header);
    bytes.put((byte) 0);
    for (int i = 0; i < count; i++) bytes.putShort((short) (i % 32_749));
    Files.write(dir.resolve("large"), bytes.array());
    SafetensorsFile file = SafetensorsFile.open(dir.resolve("large"));
    Native.init();
    try (var scope = io.ballast.tensor.Scope.open("test")) {
      var all = Native.zeros(org.bytedeco.pytorch.global.torch.ScalarType.Float, Device.CPU, count);
      file.copy(file.entries().get("b"), all);
      double[] values = Native.toDoubles(all);
      for (int i = 0; i < count; i++) if (values[i] != i % 32_749) throw new AssertionError("element " + i + " is " + values[i]);
    }
  }

  @Test void weights_in_several_files_and_narrow_types_load() throws IOException {
    TokenRows rows = TokenRows.all(new int[][] {{1, 2, 3, 4}});
    try (Policy whole = Policy.load(PARITY.resolve("llama"), Device.CPU, DType.FP32)) {
      double[] expected = whole.score(rows, 1).logp();
      whole.save(dir, DType.BF16);
      assertThat(Files.size(dir.resolve("model.safetensors"))).isLessThan(45_000);
      try (Policy narrow = Policy.load(dir, Device.CPU, DType.FP32)) {
        for (int i = 0; i < expected.length; i++) {
          assertThat(narrow.score(rows, 1).logp()[i]).isCloseTo(expected[i], org.assertj.core.api.Assertions.within(0.1));
        }
      }
      split(PARITY.resolve("llama/model.safetensors"), dir);
      try (Policy sharded = Policy.load(dir, Device.CPU, DType.FP32)) {
        assertThat(sharded.score(rows, 1).logp()).isEqualTo(expected);
      }
    }
  }

  static void split(Path source, Path dir) throws IOException {
    Native.init();
    SafetensorsFile whole = SafetensorsFile.open(source);
    Files.delete(dir.resolve("model.safetensors"));
    StringBuilder map = new StringBuilder();
    int part = 0;
    for (var entry : whole.entries().values()) {
      String name = "model-0000%d.safetensors".formatted(part++ % 2);
      map.append(map.isEmpty() ? "" : ",").append("\"%s\":\"%s\"".formatted(entry.name(), name));
    }
    for (int shard = 0; shard < 2; shard++) {
      var sources = new java.util.ArrayList<SafetensorsFile.Source>();
      int number = 0;
      for (var entry : whole.entries().values()) {
        if (number++ % 2 != shard) continue;
        sources.add(new SafetensorsFile.Source(entry.name(), entry.type(), entry.shape(), consumer -> {
          try {
            whole.with(entry, (_, elements) -> consumer.accept(elements));
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        }));
      }
      SafetensorsFile.write(dir.resolve("model-0000" + shard + ".safetensors"), sources, java.util.Map.of());
    }
    Files.writeString(dir.resolve("model.safetensors.index.json"), "{\"metadata\":{},\"weight_map\":{" + map + "}}");
  }

  static void copy(String name, Path to) throws IOException {
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(PARITY.resolve(name).resolve(file), to.resolve(file), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** A process iterates over {@code Map.of} in an order of its own; the same state has to be the same file in all of them. */
  @Test void metadata_stand_in_the_order_of_their_names(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("order.safetensors");
    SafetensorsFile.write(file, java.util.List.of(), java.util.Map.of("steps", "4", "a", "1", "parameters", "9", "m", "2", "z", "3"));
    String header = new String(Files.readAllBytes(file), 8, (int) Files.size(file) - 8, java.nio.charset.StandardCharsets.UTF_8);
    assertThat(header).startsWith("{\"__metadata__\":{\"a\":\"1\",\"m\":\"2\",\"parameters\":\"9\",\"steps\":\"4\",\"z\":\"3\"}");
  }
}
