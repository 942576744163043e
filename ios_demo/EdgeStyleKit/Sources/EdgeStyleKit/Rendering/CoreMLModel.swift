#if canImport(CoreML)
    import CoreML
    import CoreVideo
    import os

    extension ComputeUnits {
        /// Core ML's own name.
        var coreML: MLComputeUnits {
            switch self {
            case .all: .all
            case .cpu: .cpuOnly
            case .gpu: .cpuAndGPU
            case .neuralEngine: .cpuAndNeuralEngine
            }
        }
    }

    /// Models compiled for this device, kept in the caches under their sha256, so that each is compiled once.
    enum CompiledModels {
        /// A file's model, compiled unless it was before. Throws what Core ML throws.
        static func load(_ file: ModelFile, _ configuration: MLModelConfiguration) throws -> MLModel {
            let caches = try FileManager.default.url(
                for: .cachesDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
            let folder = caches.appendingPathComponent("edgestyle", isDirectory: true)
            let kept = folder.appendingPathComponent(file.contract.sha256 + ".mlmodelc", isDirectory: true)
            if FileManager.default.fileExists(atPath: kept.path) {
                if let model = try? MLModel(contentsOf: kept, configuration: configuration) { return model }
                try FileManager.default.removeItem(at: kept)  // the system may clear a part of the caches
            }
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let compiled = try MLModel.compileModel(at: file.url)
            do {
                try FileManager.default.moveItem(at: compiled, to: kept)
            } catch {  // another task was first
                guard FileManager.default.fileExists(atPath: kept.path) else { throw error }
                try? FileManager.default.removeItem(at: compiled)
            }
            return try MLModel(contentsOf: kept, configuration: configuration)
        }
    }

    /// A Core ML model with what it promises; not `Sendable`, so it lives in one actor or function.
    final class CoreMLModel {
        let contract: ModelContract
        let placement: Placement
        private let model: MLModel
        private let signposter = OSSignposter(subsystem: "dev.edgestyle.kit", category: "inference")

        /// Compile and load a model.
        ///
        /// - Parameters:
        ///   - file: an `.mlpackage`.
        ///   - component: that it has to be.
        ///   - units: wanted; where it does not start on them, it starts on the CPU, and `placement` says so.
        /// - Throws: `RenderError`.
        init(_ file: ModelFile, component: Component, units: ComputeUnits) throws {
            guard file.contract.component == component else {
                throw RenderError.wrongComponent(
                    expected: component.rawValue, found: file.contract.component.rawValue)
            }
            contract = file.contract
            (model, placement) = try Placement.start(on: units) { chosen in
                let configuration = MLModelConfiguration()
                configuration.computeUnits = chosen.coreML
                return try CompiledModels.load(file, configuration)
            }
        }

        /// Run the model.
        ///
        /// - Parameters:
        ///   - inputs: feature values by name.
        ///   - backings: buffers by output that the result is written into, without a copy.
        /// - Throws: `RenderError.failed`.
        func run(_ inputs: [String: MLFeatureValue], backings: [String: Any] = [:]) throws -> any MLFeatureProvider {
            let options = MLPredictionOptions()
            if !backings.isEmpty { options.outputBackings = backings }
            let state = signposter.beginInterval("prediction")
            defer { signposter.endInterval("prediction", state) }
            do {
                return try autoreleasepool {  // many runs in one task would pile up what each lets go
                    try model.prediction(from: MLDictionaryFeatureProvider(dictionary: inputs), options: options)
                }
            } catch {
                throw RenderError.failed(error.localizedDescription)
            }
        }

        /// Numbers as a tensor of a shape. Throws `RenderError.failed`.
        static func tensor(_ values: [Float], shape: [Int]) throws -> MLFeatureValue {
            guard let array = try? MLMultiArray(shape: shape.map { NSNumber(value: $0) }, dataType: .float32) else {
                throw RenderError.failed("no memory for \(values.count) numbers")
            }
            for (index, value) in values.enumerated() { array[index] = NSNumber(value: value) }
            return MLFeatureValue(multiArray: array)
        }

        /// A style as the model takes it. Throws `RenderError.wrongVector` for one of another length.
        func style(_ style: StyleVector) throws -> MLFeatureValue {
            let expected = contract.styleDimensions ?? style.values.count
            guard style.values.count == expected else {
                throw RenderError.wrongVector(expected: expected, found: style.values.count)
            }
            return try Self.tensor(style.values, shape: [1, style.values.count])
        }

        /// The numbers of an output. Throws `RenderError.failed`.
        static func numbers(_ name: String, in output: any MLFeatureProvider) throws -> [Float] {
            guard let array = output.featureValue(for: name)?.multiArrayValue else {
                throw RenderError.failed("the model gives no '\(name)'")
            }
            let values = (0..<array.count).map { array[$0].floatValue }
            guard values.allSatisfy(\.isFinite) else { throw RenderError.failed("the model gives no finite numbers") }
            return values
        }

        /// The picture of an output. Throws `RenderError.failed`.
        static func frame(_ name: String, in output: any MLFeatureProvider) throws -> PixelFrame {
            guard let buffer = output.featureValue(for: name)?.imageBufferValue else {
                throw RenderError.failed("the model gives no picture '\(name)'")
            }
            return PixelFrame(buffer)
        }
    }
#endif
