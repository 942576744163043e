package android.app;

public class Instrumentation {
    public android.content.Context getContext() { throw new RuntimeException("stub"); }
}
