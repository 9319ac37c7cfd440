package io.ballast.cli;

import io.ballast.ledger.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** {@code {"tokens": [[1, 5, 9], …]}}, one object or one a line. */
final class TokenInput {
  private TokenInput() {}

  /** Hands out the rows of each object, with the stream they came from. */
  static void each(String source, BiConsumer<int[][], InputStream> rows) throws IOException {
    int[] objects = {0};
    try (InputStream in = Streams.open(source)) {
      Json.objects(in, object -> {
        objects[0]++;
        rows.accept(rows(object), in);
      });
    } catch (IllegalArgumentException e) {
      throw new RequestException("%s: %s".formatted(source.equals("-") ? "stdin" : source, e.getMessage()));
    }
    if (objects[0] == 0) throw new RequestException("%s holds no {\"tokens\": [[…]]}".formatted(source.equals("-") ? "stdin" : source));
  }

  private static int[][] rows(Map<String, @Nullable Object> object) {
    if (!(object.get("tokens") instanceof List<?> given)) throw new IllegalArgumentException("tokens is missing; it must be an array of rows of token ids");
    int[][] rows = new int[given.size()][];
    for (int r = 0; r < rows.length; r++) {
      if (!(given.get(r) instanceof List<?> row)) throw new IllegalArgumentException("row %d must be an array of token ids, got %s".formatted(r, given.get(r)));
      if (row.isEmpty()) throw new IllegalArgumentException("row %d is empty; it needs at least one token".formatted(r));
      rows[r] = new int[row.size()];
      for (int t = 0; t < rows[r].length; t++) {
        if (!(row.get(t) instanceof Long id) || id != id.intValue()) {
          throw new IllegalArgumentException("row %d, position %d: %s is not a token id".formatted(r, t, row.get(t)));
        }
        rows[r][t] = id.intValue();
      }
    }
    return rows;
  }
}
