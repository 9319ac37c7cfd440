package io.ballast.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The rooms of the house and the arrows between them; {@code ARCHITECTURE.md} shows the same in prose. */
class HouseTest {
  private static final JavaClasses HOUSE = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
      .withImportOption(location -> !location.contains("/jmh_generated/")).importPackages("io.ballast");

  private static final String CORE = "io.ballast.objective.. io.ballast.advantage.. io.ballast.control.. io.ballast.method..";
  private static final String ENGINE = "io.ballast.tensor.. io.ballast.model.. io.ballast.sample.. io.ballast.bench..";

  /** Room to what it may import beside itself, the JDK and JSpecify. */
  private static final Map<String, String> ROOMS = Map.ofEntries(
      Map.entry(CORE, ""),
      Map.entry("io.ballast.verify..", ""),
      Map.entry("io.ballast.checkers..", "io.ballast.verify.. org.matheclipse.. com.networknt.. com.fasterxml.jackson.."),
      Map.entry("io.ballast.data..", "io.ballast.verify.. org.duckdb.. com.fasterxml.jackson.."),
      Map.entry("io.ballast.text..", "ai.djl.. com.fasterxml.jackson.."),
      Map.entry(ENGINE, "io.ballast.text.. org.bytedeco.. jdk.incubator.vector.. com.fasterxml.jackson.. " + CORE),
      Map.entry("io.ballast.ledger..", "com.fasterxml.jackson.core.. " + CORE),
      Map.entry("io.ballast.config..", "io.ballast.verify.. org.snakeyaml.. " + CORE),
      Map.entry("io.ballast.train..", "io.ballast.config.. io.ballast.ledger.. io.ballast.data.. io.ballast.text.. io.ballast.verify.. io.ballast.checkers.. "
          + "com.fasterxml.jackson.. " + CORE + " " + ENGINE),
      Map.entry("io.ballast.cli..", "io.ballast.train.. io.ballast.config.. io.ballast.ledger.. io.ballast.data.. io.ballast.text.. io.ballast.verify.. "
          + "io.ballast.checkers.. picocli.. org.openjdk.jmh.. sun.misc.. com.sun.management.. " + CORE + " " + ENGINE));

  private static String[] packages(String listed) {
    return Arrays.stream(listed.split(" ")).filter(name -> !name.isEmpty()).toArray(String[]::new);
  }

  private static Stream<String> known() {
    return ROOMS.keySet().stream().flatMap(room -> Arrays.stream(packages(room)));
  }

  @Test void every_package_belongs_to_a_room() {
    var homeless = new TreeSet<String>();
    for (JavaClass type : HOUSE) {
      if (known().noneMatch(room -> (type.getPackageName() + ".").startsWith(room.replace("..", ".")))) homeless.add(type.getPackageName());
    }
    assertThat(homeless).isEmpty();
  }

  @Test void a_room_imports_only_what_the_house_allows() {
    new TreeMap<>(ROOMS).forEach((room, allowed) -> {
      String[] targets = Stream.of(packages(room), packages(allowed), new String[] {"java..", "org.jspecify.annotations.."}).flatMap(Stream::of).toArray(String[]::new);
      ArchRuleDefinition.classes().that().resideInAnyPackage(packages(room)).should().onlyDependOnClassesThat().resideInAnyPackage(targets)
          .allowEmptyShould(true).check(HOUSE);
    });
  }

  @Test void the_pure_rooms_need_nothing_but_java_base() {
    var outside = new DescribedPredicate<JavaClass>("are outside java.base") {
      @Override public boolean test(JavaClass type) {
        if (!type.getPackageName().startsWith("java")) return false;
        return !ModuleLayer.boot().findModule("java.base").orElseThrow().getPackages().contains(type.getPackageName());
      }
    };
    noClasses().that().resideInAnyPackage(packages(CORE + " io.ballast.verify..")).should().dependOnClassesThat(outside).check(HOUSE);
  }

  @Test void packages_have_no_cycles() {
    slices().matching("io.ballast.(**)").should().beFreeOfCycles().check(HOUSE);
  }

  @Test void only_the_command_prints_and_leaves_the_process() {
    noClasses().that().resideOutsideOfPackage("io.ballast.cli..").should().accessField(System.class, "out").check(HOUSE);
    noClasses().that().resideOutsideOfPackage("io.ballast.cli..").should().callMethod(System.class, "exit", int.class)
        .orShould().callMethod(Runtime.class, "halt", int.class).check(HOUSE);
  }

  @Test void nobody_prints_a_stack_trace_or_throws_the_most_general_exceptions() {
    noClasses().that().resideOutsideOfPackage("io.ballast.cli..").should().callMethod(Throwable.class, "printStackTrace").check(HOUSE);
    noClasses().that().areNotAssignableTo(Throwable.class).should().callConstructor(RuntimeException.class, String.class).orShould().callConstructor(Exception.class, String.class).check(HOUSE);
  }

  @Test void every_package_is_null_marked() {
    List<String> unmarked = HOUSE.stream().filter(type -> !type.getSimpleName().equals("package-info")).map(JavaClass::getPackageName).distinct()
        .filter(name -> HOUSE.stream().noneMatch(type -> type.getName().equals(name + ".package-info") && type.isAnnotatedWith(NullMarked.class)))
        .sorted().toList();
    assertThat(unmarked).isEmpty();
  }
}
