package io.ballast.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import java.io.CharConversionException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A safetensors file: eight bytes of header length, a JSON header of names, types, shapes and offsets, then the tensors end to end.
 *
 * <p>Everything the header says is checked against the file before a byte of data is touched, so that a truncated or hostile file is
 * one message and never a crash.
 *
 * @see <a href="https://github.com/huggingface/safetensors">huggingface/safetensors</a>, README, "Format"
 */
final class SafetensorsFile {
  /** The reference implementation's own limit. */
  private static final long MAX_HEADER = 100_000_000;

  /** The largest published models have 90,000 tensors, in a hundred files. */
  private static final int MAX_TENSORS = 200_000;

  /** Bytes of one entry of the header, the metadata among them; as a tree it takes thirty times as much. */
  private static final int MAX_ENTRY = 4_000_000;

  /** Bytes mapped at once: pages of a mapping count as resident until it goes, and every element type divides this. */
  private static final long WINDOW = 8 << 20;

  private static final ObjectMapper JSON = new ObjectMapper()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  /** Finds where entries end, and keeps no names. */
  private static final JsonFactory SCAN = JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

  private static final Map<String, ScalarType> TYPES = Map.of("F64", ScalarType.Double, "F32", ScalarType.Float,
      "F16", ScalarType.Half, "BF16", ScalarType.BFloat16, "I64", ScalarType.Long, "I32", ScalarType.Int, "I16", ScalarType.Short,
      "I8", ScalarType.Char, "U8", ScalarType.Byte, "BOOL", ScalarType.Bool);

  private static final Map<String, Integer> WIDTHS = Map.of("F64", 8, "F32", 4, "F16", 2, "BF16", 2, "I64", 8, "I32", 4, "I16", 2,
      "I8", 1, "U8", 1, "BOOL", 1);

  /** Where one tensor lies: {@code begin} counts from the start of the file. */
  record Entry(String name, String type, long[] shape, long begin, long bytes) {}

  private final Path path;
  private final Map<String, Entry> entries;
  private final Map<String, String> metadata;

  private SafetensorsFile(Path path, Map<String, Entry> entries, Map<String, String> metadata) {
    this.path = path;
    this.entries = entries;
    this.metadata = metadata;
  }

  Path path() {
    return path;
  }

  Map<String, Entry> entries() {
    return entries;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  /** Reads and checks the header. */
  static SafetensorsFile open(Path path) throws IOException {
    if (!Files.isRegularFile(path)) throw new IllegalArgumentException(path + ": no such file");
    try (FileChannel channel = FileChannel.open(path)) {
      long size = channel.size();
      if (size < 8) throw corrupt(path, "%d bytes are too few for a safetensors file".formatted(size));
      long length = read(channel, 0, 8, path).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (length < 2 || length > MAX_HEADER || length > size - 8) {
        throw corrupt(path, "its header claims %s bytes of a file of %d (limit %d)".formatted(
            Long.toUnsignedString(length), size, MAX_HEADER));
      }
      byte[] header = read(channel, 8, (int) length, path).array();
      return parse(path, header, 8 + length, size);
    }
  }

  private static ByteBuffer read(FileChannel channel, long at, int count, Path path) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) throw corrupt(path, "it ends within its header");
    }
    return buffer.flip();
  }

  /** Reads one entry of the header at a time: what a hostile one holds in memory are {@link #MAX_TENSORS} entries and one tree of {@link #MAX_ENTRY} bytes. */
  private static SafetensorsFile parse(Path path, byte[] header, long dataStart, long size) throws IOException {
    // The format wants the brace first; a zero behind it would be another encoding than UTF-8, in which places are no bytes.
    if (header[0] != '{' || header[1] == 0) throw corrupt(path, "its header is not a JSON object");
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    try (JsonParser parser = SCAN.createParser(header)) {
      parser.nextToken();
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        JsonNode value = value(path, name, header, parser);
        if (name.equals("__metadata__")) {
          value.properties().forEach(m -> metadata.put(m.getKey(), m.getValue().asText()));
        } else if (entries.size() == MAX_TENSORS) {
          throw corrupt(path, "it has more than %d tensors".formatted(MAX_TENSORS));
        } else if (entries.put(name, entry(path, name, value, dataStart, size)) != null) {
          throw corrupt(path, "its header is not valid JSON: it has '%s' twice".formatted(name));
        }
      }
      if (parser.nextToken() != null) throw corrupt(path, "its header is not valid JSON: something stands behind the object");
    } catch (JsonProcessingException e) {
      throw corrupt(path, "its header is not valid JSON: " + e.getOriginalMessage());
    } catch (CharConversionException e) {
      throw corrupt(path, "its header is not text: " + e.getMessage());
    }
    refuseOverlapsAndGaps(path, entries, dataStart, size);
    return new SafetensorsFile(path, Collections.unmodifiableMap(entries), Collections.unmodifiableMap(metadata));
  }

  private static JsonNode value(Path path, String name, byte[] header, JsonParser parser) throws IOException {
    if (parser.nextToken().isScalarValue()) return NullNode.getInstance();
    int from = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    int length = (int) parser.currentTokenLocation().getByteOffset() + 1 - from;
    if (length > MAX_ENTRY) throw corrupt(path, "what it says of '%s' takes %d bytes (limit %d)".formatted(name, length, MAX_ENTRY));
    return JSON.readTree(header, from, length);
  }

  private static Entry entry(Path path, String name, JsonNode node, long dataStart, long size) {
    String type = node.path("dtype").asText("none");
    Integer width = WIDTHS.get(type);
    if (width == null) throw corrupt(path, "tensor '%s' has dtype %s; known are %s".formatted(name, type, WIDTHS.keySet()));
    JsonNode dims = node.path("shape");
    JsonNode offsets = node.path("data_offsets");
    if (!dims.isArray() || offsets.size() != 2 || !offsets.get(0).isIntegralNumber() || !offsets.get(1).isIntegralNumber()) {
      throw corrupt(path, "tensor '%s' needs a shape and two data_offsets".formatted(name));
    }
    if (dims.size() > 8) throw corrupt(path, "tensor '%s' has %d dimensions".formatted(name, dims.size()));
    long[] shape = new long[dims.size()];
    long bytes = width;
    try {
      for (int i = 0; i < shape.length; i++) {
        if (!dims.get(i).isIntegralNumber() || !dims.get(i).canConvertToLong() || dims.get(i).longValue() < 0) {
          throw corrupt(path, "tensor '%s' has the shape %s".formatted(name, dims));
        }
        shape[i] = dims.get(i).longValue();
        bytes = Math.multiplyExact(bytes, shape[i]);
      }
    } catch (ArithmeticException e) {
      throw corrupt(path, "tensor '%s' has the impossible shape %s".formatted(name, dims));
    }
    long begin = offsets.get(0).canConvertToLong() ? offsets.get(0).longValue() : -1;
    long end = offsets.get(1).canConvertToLong() ? offsets.get(1).longValue() : -1;
    if (begin < 0 || end < begin || end > size - dataStart) {
      throw corrupt(path, "tensor '%s' lies at %s of %d data bytes; the file is truncated or not what it says".formatted(
          name, offsets, size - dataStart));
    }
    if (end - begin != bytes) {
      throw corrupt(path, "tensor '%s' of %s %s takes %d bytes, its data_offsets %s say %d".formatted(
          name, type, dims, bytes, offsets, end - begin));
    }
    return new Entry(name, type, shape, dataStart + begin, bytes);
  }

  private static void refuseOverlapsAndGaps(Path path, Map<String, Entry> entries, long dataStart, long size) {
    List<Entry> ordered = entries.values().stream().sorted(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::bytes)).toList();
    long expected = dataStart;
    for (Entry entry : ordered) {
      if (entry.begin != expected) {
        throw corrupt(path, "tensor '%s' begins at byte %d, expected %d: tensors overlap or leave a gap".formatted(
            entry.name, entry.begin, expected));
      }
      expected = entry.begin + entry.bytes;
    }
    if (expected != size) throw corrupt(path, "%d bytes follow the last tensor".formatted(size - expected));
  }

  private static IllegalArgumentException corrupt(Path path, String what) {
    return new IllegalArgumentException(path + " is not a readable safetensors file: " + what + "; fetch or copy it again");
  }

  /** Takes some of a tensor's elements. */
  interface Piece {
    /** @param from place of the first of {@code elements} [n] among the tensor's, in row-major order */
    void take(long from, Tensor elements);
  }

  /** Maps one tensor a window at a time and hands the windows out in order; each is gone when {@code use} returns. */
  void with(Entry entry, Piece use) throws IOException {
    int width = WIDTHS.get(entry.type);
    try (FileChannel channel = FileChannel.open(path)) {
      if (channel.size() < entry.begin + entry.bytes) throw corrupt(path, "it shrank while it was read");
      for (long at = 0; at < entry.bytes; at += WINDOW) {
        long bytes = Math.min(WINDOW, entry.bytes - at);
        try (Arena arena = Arena.ofConfined(); Scope scope = Scope.open(entry.name)) {
          MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, entry.begin + at, bytes, arena);
          boolean aligned = mapped.address() % width == 0;
          MemorySegment data = aligned ? mapped : arena.allocate(bytes, 64).copyFrom(mapped);
          use.take(at / width, Native.wrap(data.address(), TYPES.get(entry.type), bytes / width));
        }
      }
    }
  }

  /** Refuses NaN and infinity in a piece of a tensor, which every result would inherit. */
  void requireFinite(Entry entry, Tensor elements) {
    var extremes = torch.aminmax(elements); // both are NaN if one element is
    if (!Double.isFinite(extremes.get0().item_double()) || !Double.isFinite(extremes.get1().item_double())) {
      throw new IllegalArgumentException("%s: tensor '%s' holds NaN or infinity; fetch or make the file again".formatted(path, entry.name));
    }
  }

  /** Copies one tensor into memory for as many elements, converting them. */
  void copy(Entry entry, Tensor to) throws IOException {
    Tensor flat = to.view(-1);
    with(entry, (from, elements) -> flat.narrow(0, from, elements.numel()).copy_(elements));
  }

  /** A tensor to be written: its elements come in one or more pieces, each contiguous on the CPU. */
  record Source(String name, String type, long[] shape, Pieces pieces) {
    long bytes() {
      return Arrays.stream(shape).reduce(WIDTHS.get(type), Math::multiplyExact);
    }
  }

  /** Hands the pieces of a tensor, in order, to a consumer. */
  interface Pieces {
    void each(Consumer<Tensor> consumer);
  }

  /** The dtype name of an element type. */
  static String typeName(ScalarType type) {
    return TYPES.entrySet().stream().filter(e -> e.getValue() == type).findFirst().orElseThrow().getKey();
  }

  /** Writes a file, complete or not at all. */
  static void write(Path path, List<Source> sources, Map<String, String> metadata) throws IOException {
    byte[] header = header(sources, metadata);
    AtomicFiles.write(path, channel -> {
      ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
      AtomicFiles.writeFully(channel, start.putLong(header.length).put(header).flip());
      for (Source source : sources) {
        long before = channel.position();
        try {
          source.pieces.each(piece -> writeTensor(channel, piece));
        } catch (UncheckedWrite e) {
          throw e.cause;
        }
        if (channel.position() - before != source.bytes()) {
          throw new IllegalStateException("tensor '%s' wrote %d of %d bytes".formatted(
              source.name, channel.position() - before, source.bytes()));
        }
      }
    });
  }

  private static byte[] header(List<Source> sources, Map<String, String> metadata) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    ObjectNode meta = root.putObject("__metadata__");
    new TreeMap<>(metadata).forEach(meta::put); // Map.of has another order in every process
    long at = 0;
    for (Source source : sources) {
      ObjectNode node = root.putObject(source.name);
      node.put("dtype", source.type);
      var shape = node.putArray("shape");
      for (long n : source.shape) shape.add(n);
      node.putArray("data_offsets").add(at).add(at += source.bytes());
    }
    byte[] json = JSON.writeValueAsBytes(root);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    IntStream.range(json.length, padded.length).forEach(i -> padded[i] = ' ');
    return padded;
  }

  private static final class UncheckedWrite extends RuntimeException {
    final IOException cause;

    UncheckedWrite(IOException cause) {
      super(cause);
      this.cause = cause;
    }
  }

  private static void writeTensor(FileChannel channel, Tensor piece) {
    long bytes = piece.nbytes();
    MemorySegment memory = MemorySegment.ofAddress(piece.data_ptr().address()).reinterpret(bytes);
    try {
      for (long from = 0; from < bytes; from += 1 << 26) {
        AtomicFiles.writeFully(channel, memory.asSlice(from, Math.min(1 << 26, bytes - from)).asByteBuffer());
      }
    } catch (IOException e) {
      throw new UncheckedWrite(e);
    }
  }
}
