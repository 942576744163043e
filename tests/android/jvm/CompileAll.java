import java.util.Arrays;
import org.jetbrains.kotlin.cli.common.ExitCode;
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler;

/** Runs the Kotlin compiler for several modules in one process, which warms it up once; "--next" begins a module. */
public final class CompileAll {
    public static void main(String[] arguments) {
        int from = 0;
        for (int at = 0; at <= arguments.length; at++) {
            if (at < arguments.length && !arguments[at].equals("--next")) {
                continue;
            }
            ExitCode code = new K2JVMCompiler().exec(System.err, Arrays.copyOfRange(arguments, from, at));
            if (code != ExitCode.OK) {
                System.exit(code.getCode());
            }
            from = at + 1;
        }
    }
}
