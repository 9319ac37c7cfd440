package io.ballast.checkers.code;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** How a language's answer and tests become one program that prints a secret line once all tests have passed. */
enum Language {
  PYTHON {
    @Override List<String> prepare(String answer, String tests, Path folder, Limits limits) throws IOException {
      Files.writeString(folder.resolve("answer.py"), answer);
      Files.writeString(folder.resolve("tests.py"), tests);
      Files.writeString(folder.resolve("run.py"), """
          import sys, traceback

          def run(secret, folder):
              scope = {"__name__": "__answer__"}
              try:
                  for name in ("answer.py", "tests.py"):
                      with open(folder + "/" + name, encoding="utf-8") as file:
                          exec(compile(file.read(), name, "exec"), scope)
              except SystemExit:
                  print("the program left by itself")
              except BaseException:
                  traceback.print_exc(limit=-2)
              else:
                  print("\\n" + secret)

          run(sys.stdin.readline().strip(), sys.argv[1])
          """);
      return List.of("python3", "-I", "-B", folder.resolve("run.py").toString(), folder.toString());
    }

    @Override boolean limitsAddressSpace() {
      return true;
    }
  },

  JAVA {
    @Override List<String> prepare(String answer, String tests, Path folder, Limits limits) throws IOException {
      Set<String> imports = new TreeSet<>();
      var body = withoutImports(tests, imports) + "\n" + withoutImports(answer, imports);
      Files.writeString(folder.resolve("Run.java"), String.join("\n", imports) + """

          class Run {
            public static void main(String[] args) throws Throwable {
              String secret = new java.io.BufferedReader(new java.io.InputStreamReader(System.in)).readLine();
              Tests.main(args);
              System.out.println("\\n" + secret);
            }
          }
          """ + body);
      var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      return List.of(java, "-ea", "-Xmx" + limits.memoryMb() + "m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:-UsePerfData",
          folder.resolve("Run.java").toString());
    }

    @Override boolean limitsAddressSpace() {
      return false;
    }
  };

  private static final Pattern IMPORT = Pattern.compile("(?m)^\\s*import\\s+(?:static\\s+)?[\\w.]+(?:\\.\\*)?\\s*;");
  private static final Pattern PACKAGE = Pattern.compile("(?m)^\\s*package\\s+[\\w.]+\\s*;");
  private static final Pattern PUBLIC = Pattern.compile("(?m)^public\\s+(?=(?:final |abstract |sealed )*(?:class|interface|record|enum)\\b)");

  /** Writes the program's files and says how to start it. */
  abstract List<String> prepare(String answer, String tests, Path folder, Limits limits) throws IOException;

  abstract boolean limitsAddressSpace();

  private static String withoutImports(String source, Set<String> imports) {
    IMPORT.matcher(source).results().forEach(match -> imports.add(match.group().strip()));
    return PUBLIC.matcher(PACKAGE.matcher(IMPORT.matcher(source).replaceAll("")).replaceAll("")).replaceAll("");
  }
}
