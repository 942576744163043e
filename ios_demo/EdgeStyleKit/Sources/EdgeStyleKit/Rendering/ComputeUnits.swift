/// What Core ML may compute on; raw values are what edgestyle's harness calls them.
public enum ComputeUnits: String, Sendable, CaseIterable, Codable {
    case all = "coreml-all"
    case cpu = "coreml-cpu"
    case gpu = "coreml-gpu"
    case neuralEngine = "coreml-ne"

    /// For people.
    public var title: String {
        switch self {
        case .all: "all units"
        case .cpu: "CPU"
        case .gpu: "CPU and GPU"
        case .neuralEngine: "CPU and Neural Engine"
        }
    }
}

/// What a model was asked to run on, and what it was started on in the end.
public struct Placement: Sendable, Equatable {
    public let asked: ComputeUnits
    public let used: ComputeUnits
    /// Why `used` is something else; nil where it is not.
    public let reason: String?

    /// Whether a user has to be told that something else is used.
    public var fellBack: Bool { asked != used }

    /// Start something on the wanted units, and on the CPU alone where these fail.
    ///
    /// - Parameters:
    ///   - units: wanted.
    ///   - start: is called with units, once or twice.
    /// - Throws: `RenderError.acceleratorFailed` where the CPU fails too; what is no `RenderError` comes as one.
    public static func start<Started>(
        on units: ComputeUnits, _ start: (ComputeUnits) throws -> Started
    ) throws(RenderError) -> (started: Started, placement: Placement) {
        do {
            return (try start(units), Placement(asked: units, used: units, reason: nil))
        } catch {
            let reason = error.localizedDescription
            guard units != .cpu else { throw .acceleratorFailed(units: units, reason: reason) }
            do {
                return (try start(.cpu), Placement(asked: units, used: .cpu, reason: reason))
            } catch {
                throw .acceleratorFailed(units: .cpu, reason: error.localizedDescription)
            }
        }
    }
}
