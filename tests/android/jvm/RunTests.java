import org.junit.runner.Description;
import org.junit.runner.JUnitCore;
import org.junit.runner.notification.Failure;
import org.junit.runner.notification.RunListener;

/** Runs test classes; a line a test on standard output: passed, failed or left out, its name, and why. */
public final class RunTests {
    public static void main(String[] classes) throws Exception {
        JUnitCore core = new JUnitCore();
        core.addListener(new RunListener() {
            private boolean passes;

            @Override
            public void testStarted(Description test) {
                passes = true;
            }

            @Override
            public void testFailure(Failure failure) {
                passes = false;
                say("failed", failure.getDescription(), String.valueOf(failure.getException()));
                failure.getException().printStackTrace();
            }

            @Override
            public void testAssumptionFailure(Failure failure) {
                passes = false;
                say("left out", failure.getDescription(), failure.getMessage());
            }

            @Override
            public void testFinished(Description test) {
                if (passes) {
                    say("passed", test, "");
                }
            }
        });
        for (String name : classes) {
            core.run(Class.forName(name));
        }
    }

    private static void say(String what, Description test, String why) {
        System.out.println(what + "\t" + test.getClassName() + "\t" + test.getMethodName() + "\t" + why.replaceAll("\\s+", " "));
    }
}
