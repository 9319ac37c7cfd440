package io.ballast.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Functions of native libraries that are in this process already, called without libtorch in between. */
public final class Symbols {
  private Symbols() {}

  /** The loaded library whose file name begins with {@code name}; empty where there is none, and on systems that do not say. */
  public static Optional<SymbolLookup> library(String name) {
    Path maps = Path.of("/proc/self/maps");
    if (!Files.exists(maps)) return Optional.empty();
    try (var lines = Files.lines(maps)) {
      return lines.filter(line -> line.contains("/" + name)).findFirst()
          .map(line -> SymbolLookup.libraryLookup(Path.of(line.substring(line.indexOf('/'))), Arena.global()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** @param leaf whether arrays of the heap are passed as they are: for functions that return soon and never call back */
  public static Optional<MethodHandle> handle(SymbolLookup library, String name, boolean leaf, FunctionDescriptor type) {
    Linker.Option[] options = leaf ? new Linker.Option[] {Linker.Option.critical(true)} : new Linker.Option[0];
    return library.find(name).map(address -> Linker.nativeLinker().downcallHandle(address, type, options));
  }
}
