import Foundation

/// What every error of the kit has: a code that stays the same in all languages, and a sentence in English.
///
/// An app shows `errorDescription`, or its own translation by `code`.
///
///     KitError
///     |-- ModelError     a model file or its sidecar is missing, damaged, changed, or from another version
///     |-- RenderError    a model cannot be run here, or not on what was asked for
///     |-- MixError       a mix of styles, a seed or a strength is none
///     |-- PictureError   a picture cannot be read, is too large, or cannot be saved
///     |-- FaceError      a photo has no face, or none that can be drawn
///     `-- CameraError    the camera is refused, busy or missing
public protocol KitError: LocalizedError, Sendable {
    /// The kind of error, such as `changed` or `no_face`.
    var code: String { get }
}

/// A model file or its sidecar is missing, damaged, changed, or from another version.
public enum ModelError: KitError, Equatable {
    case missingModel(String)
    case missingSidecar(String)
    case tooLarge(String)
    case notJSON
    case missingField(String)
    case wrongType(String)
    case unsupportedContract(Int)
    case badSize
    case badVector(String)
    case changed(String)

    public var code: String {
        switch self {
        case .missingModel: "missing_model"
        case .missingSidecar: "missing_sidecar"
        case .tooLarge: "too_large"
        case .notJSON: "not_json"
        case .missingField: "missing_field"
        case .wrongType: "wrong_type"
        case .unsupportedContract: "unsupported_contract"
        case .badSize: "bad_size"
        case .badVector: "bad_vector"
        case .changed: "changed"
        }
    }

    public var errorDescription: String? {
        switch self {
        case .missingModel(let name): "The model \(name) is missing from this app. Install the app again."
        case .missingSidecar(let name): "The description of the model \(name) is missing. Install the app again."
        case .tooLarge(let name): "The description of the model \(name) is too large to be one."
        case .notJSON: "A model's description is damaged. Install the app again."
        case .missingField(let key): "A model's description is damaged: it lacks '\(key)'."
        case .wrongType(let key): "A model's description is damaged: '\(key)' is something else than expected."
        case .unsupportedContract(let version):
            "This model is of version \(version), and this app reads version \(ModelContract.version). Update the app."
        case .badSize: "A model's description is damaged: it takes pictures of sizes that cannot be."
        case .badVector(let name): "A model's description is damaged: the style '\(name)' is none."
        case .changed(let name): "The model \(name) was changed or cut short. Install the app again."
        }
    }
}

/// A model cannot be run here, or not on what was asked for.
public enum RenderError: KitError, Equatable {
    case acceleratorFailed(units: ComputeUnits, reason: String)
    case wrongComponent(expected: String, found: String)
    case noSize(width: Int, height: Int)
    case wrongVector(expected: Int, found: Int)
    case failed(String)
    case unavailable

    public var code: String {
        switch self {
        case .acceleratorFailed: "accelerator_failed"
        case .wrongComponent: "wrong_component"
        case .noSize: "no_size"
        case .wrongVector: "wrong_vector"
        case .failed: "failed"
        case .unavailable: "unavailable"
        }
    }

    public var errorDescription: String? {
        switch self {
        case .acceleratorFailed(let units, let reason): "The model does not start on \(units.title): \(reason)"
        case .wrongComponent(let expected, let found): "This file is a \(found), where a \(expected) is needed."
        case .noSize(let width, let height): "No model here takes a picture of \(width) by \(height)."
        case .wrongVector(let expected, let found): "A style of this model has \(expected) numbers, not \(found)."
        case .failed(let reason): "The picture could not be drawn: \(reason)"
        case .unavailable: "Models cannot be run on this system."
        }
    }
}

/// A mix of styles, a seed or a strength is none.
public enum MixError: KitError, Equatable {
    case emptyPart(String)
    case namedTwice(String)
    case badWeight(String)
    case allZero
    case unknownStyle(String)
    case badSeed(String)
    case badStrength

    public var code: String {
        switch self {
        case .emptyPart: "empty_part"
        case .namedTwice: "named_twice"
        case .badWeight: "bad_weight"
        case .allZero: "all_zero"
        case .unknownStyle: "unknown_style"
        case .badSeed: "bad_seed"
        case .badStrength: "bad_strength"
        }
    }

    public var errorDescription: String? {
        switch self {
        case .emptyPart(let mix): "'\(mix)' has a part without a style: write cartoon, or cartoon:0.6,oil:0.4."
        case .namedTwice(let name): "The style '\(name)' is named twice: give each style one weight."
        case .badWeight(let name): "The weight of '\(name)' must be a number from 0 up."
        case .allZero: "All weights are 0: give at least one style a weight."
        case .unknownStyle(let name): "There is no style '\(name)'."
        case .badSeed(let text): "A seed is a whole number from 0 to 9223372036854775807, not '\(text.prefix(40))'."
        case .badStrength: "Strength is a number from 0 to 1."
        }
    }
}

/// A picture cannot be read, is too large, or cannot be saved.
public enum PictureError: KitError, Equatable {
    case unreadable
    case tooLarge(megapixels: Int)
    case storageFull
    case notSaved(String)

    public var code: String {
        switch self {
        case .unreadable: "unreadable"
        case .tooLarge: "picture_too_large"
        case .storageFull: "storage_full"
        case .notSaved: "not_saved"
        }
    }

    public var errorDescription: String? {
        switch self {
        case .unreadable: "This file is no picture that can be read."
        case .tooLarge(let megapixels): "This picture has \(megapixels) megapixels, which is more than can be read."
        case .storageFull: "The storage is full. Free some space and try again."
        case .notSaved(let reason): "The picture could not be saved: \(reason)"
        }
    }
}

/// A photo has no face, or none that can be drawn.
public enum FaceError: KitError, Equatable {
    case noFace
    case tooSmall(pixels: Int, least: Int)
    case cutByBorder
    case noPerson

    public var code: String {
        switch self {
        case .noFace: "no_face"
        case .tooSmall: "too_small"
        case .cutByBorder: "cut_by_border"
        case .noPerson: "no_person"
        }
    }

    public var errorDescription: String? {
        switch self {
        case .noFace: "There is no face in this photo. Choose another one."
        case .tooSmall(let pixels, let least):
            "The face is \(pixels) pixels wide, and \(least) are the least. Choose a larger photo."
        case .cutByBorder: "The face is cut by the photo's border. Choose a photo with all of it."
        case .noPerson: "Nobody stands out from the background. Keep the background, or choose another photo."
        }
    }
}

/// The camera is refused, busy or missing.
public enum CameraError: KitError, Equatable {
    case refused
    case restricted
    case busy
    case missing
    case failed(String)

    public var code: String {
        switch self {
        case .refused: "camera_refused"
        case .restricted: "camera_restricted"
        case .busy: "camera_busy"
        case .missing: "camera_missing"
        case .failed: "camera_failed"
        }
    }

    public var errorDescription: String? {
        switch self {
        case .refused: "The camera is not allowed for this app. Allow it in Settings."
        case .restricted: "The camera is restricted on this device."
        case .busy: "Another app uses the camera. Close it and come back."
        case .missing: "This device has no such camera."
        case .failed(let reason): "The camera stopped: \(reason)"
        }
    }
}
