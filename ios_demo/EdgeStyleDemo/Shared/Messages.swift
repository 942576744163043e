import EdgeStyleKit
import Foundation

/// Errors of the kit in the user's language.
enum Messages {
    /// One or two sentences: what is wrong, and what to do about it.
    static func text(for error: any Error) -> String {
        guard let error = error as? any KitError else { return error.localizedDescription }
        switch error {
        case let error as CameraError: return camera(error)
        case let error as PictureError: return picture(error)
        case let error as FaceError: return face(error)
        case let error as MixError: return mix(error)
        case let error as RenderError: return render(error)
        default: return String(localized: "A model is missing or damaged. Install the app again.")
        }
    }

    private static func camera(_ error: CameraError) -> String {
        switch error {
        case .refused: String(localized: "The camera is not allowed for this app. Allow it in Settings.")
        case .restricted: String(localized: "The camera is restricted on this device.")
        case .busy: String(localized: "Another app uses the camera. Close it and come back.")
        case .missing: String(localized: "This device has no such camera.")
        case .failed: String(localized: "The camera stopped. Close the app and open it again.")
        }
    }

    private static func picture(_ error: PictureError) -> String {
        switch error {
        case .unreadable: String(localized: "This file is no picture that can be read.")
        case .tooLarge(let megapixels):
            String(localized: "This picture has \(megapixels) megapixels, which is more than can be read.")
        case .storageFull: String(localized: "The storage is full. Free some space and try again.")
        case .notSaved: String(localized: "The picture could not be saved.")
        }
    }

    private static func face(_ error: FaceError) -> String {
        switch error {
        case .noFace: String(localized: "There is no face in this photo. Choose another one.")
        case .tooSmall: String(localized: "The face is too small. Choose a photo where it is larger.")
        case .cutByBorder: String(localized: "The face is cut by the photo's border. Choose a photo with all of it.")
        case .noPerson: String(localized: "Nobody stands out from the background. Keep it, or choose another photo.")
        }
    }

    private static func mix(_ error: MixError) -> String {
        switch error {
        case .badSeed: String(localized: "A seed is a whole number from 0 up.")
        default: String(localized: "This style cannot be drawn.")
        }
    }

    private static func render(_ error: RenderError) -> String {
        switch error {
        case .acceleratorFailed: String(localized: "The model does not start on this device.")
        default: String(localized: "The picture could not be drawn.")
        }
    }
}

extension ComputeUnits {
    /// In the user's language.
    var label: String {
        switch self {
        case .all: String(localized: "All units")
        case .cpu: String(localized: "CPU")
        case .gpu: String(localized: "CPU and GPU")
        case .neuralEngine: String(localized: "CPU and Neural Engine")
        }
    }
}
