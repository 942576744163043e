// Stand-ins for the members of CoreML that the kit uses; see CoreGraphics.swift.
@_exported import CoreVideo

// of ObjectiveC, which Foundation brings along
public func autoreleasepool<Result>(invoking body: () throws -> Result) rethrows -> Result { try body() }

public enum MLComputeUnits: Int, Sendable { case cpuOnly, cpuAndGPU, all, cpuAndNeuralEngine }
public enum MLMultiArrayDataType: Int, Sendable { case float32 }

public final class MLModelConfiguration {
    public var computeUnits = MLComputeUnits.all
    public init() {}
}

public final class MLMultiArray {
    public var count: Int { 0 }
    public init(shape: [NSNumber], dataType: MLMultiArrayDataType) throws {}
    public subscript(index: Int) -> NSNumber {
        get { 0 }
        set {}
    }
}

public final class MLFeatureValue {
    public init(pixelBuffer: CVPixelBuffer) {}
    public init(multiArray: MLMultiArray) {}
    public var multiArrayValue: MLMultiArray? { nil }
    public var imageBufferValue: CVPixelBuffer? { nil }
}

public protocol MLFeatureProvider {
    func featureValue(for name: String) -> MLFeatureValue?
}

public final class MLDictionaryFeatureProvider: MLFeatureProvider {
    public init(dictionary: [String: Any]) throws {}
    public func featureValue(for name: String) -> MLFeatureValue? { nil }
}

public final class MLPredictionOptions {
    public var outputBackings: [String: Any] = [:]
    public init() {}
}

public final class MLModel {
    public static func compileModel(at url: URL) throws -> URL { url }
    public init(contentsOf url: URL, configuration: MLModelConfiguration) throws {}
    public func prediction(from input: any MLFeatureProvider, options: MLPredictionOptions) throws -> any MLFeatureProvider {
        input
    }
}
