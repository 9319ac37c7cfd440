package io.ballast.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a command reads and writes. */
final class Streams {
  private static PrintStream out = System.out, err = System.err;

  private Streams() {}

  static void set(PrintStream out, PrintStream err) {
    Streams.out = out;
    Streams.err = err;
  }

  /** For results: machine-readable, or what was asked to be shown. */
  static PrintStream out() {
    return out;
  }

  /** For everything else. */
  static PrintStream err() {
    return err;
  }

  /** Prints a result line; it is pushed out at once where the next input has not arrived yet. */
  static void line(String text, InputStream input) throws IOException {
    out.print(text);
    out.print('\n');
    if (input.available() == 0) out.flush();
  }

  /** A file to read, or stdin for {@code -}. */
  static InputStream open(String source) {
    if (source.equals("-")) return System.in;
    Path path = Path.of(source);
    if (!Files.exists(path)) throw new RequestException("%s does not exist".formatted(source));
    if (Files.isDirectory(path)) throw new RequestException("%s is a folder; give a file".formatted(source));
    try {
      return Files.newInputStream(path);
    } catch (IOException e) {
      throw new RequestException("%s cannot be read: %s".formatted(source, e.getMessage()));
    }
  }
}
