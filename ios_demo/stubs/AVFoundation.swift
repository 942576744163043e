// Stand-ins for the members of AVFoundation that the kit uses; see CoreGraphics.swift.
@_exported import CoreVideo
@_exported import Dispatch

public final class CMSampleBuffer {}
public struct CMVideoDimensions: Sendable {
    public var width: Int32
    public var height: Int32
}
public func CMSampleBufferGetImageBuffer(_ buffer: CMSampleBuffer) -> CVImageBuffer? { nil }

public enum AVMediaType: Sendable { case video }
public enum AVAuthorizationStatus: Int, Sendable { case notDetermined, restricted, denied, authorized }
public let AVCaptureSessionInterruptionReasonKey = ""
public let AVCaptureSessionErrorKey = ""

public final class AVCaptureDevice {
    public enum Position: Int, Sendable { case unspecified, back, front }
    public enum DeviceType: Sendable { case builtInWideAngleCamera }
    public final class Format {
        public var supportedMaxPhotoDimensions: [CMVideoDimensions] { [] }
    }
    public var activeFormat: Format { Format() }
    public static func authorizationStatus(for type: AVMediaType) -> AVAuthorizationStatus { .authorized }
    public static func requestAccess(for type: AVMediaType) async -> Bool { true }
    public static func `default`(
        _ type: DeviceType, for media: AVMediaType?, position: Position
    ) -> AVCaptureDevice? { nil }
}

open class AVCaptureInput: NSObject {}
open class AVCaptureOutput: NSObject {
    public func connection(with type: AVMediaType) -> AVCaptureConnection? { nil }
}

public final class AVCaptureDeviceInput: AVCaptureInput {
    public init(device: AVCaptureDevice) throws { super.init() }
}

public final class AVCaptureConnection: NSObject {
    public var isActive: Bool { true }
    public var isEnabled = true
    public var isVideoMirroringSupported: Bool { true }
    public var automaticallyAdjustsVideoMirroring = true
    public var isVideoMirrored = false
    public var videoRotationAngle: CGFloat = 0
    public func isVideoRotationAngleSupported(_ angle: CGFloat) -> Bool { true }
}

public protocol AVCaptureVideoDataOutputSampleBufferDelegate: NSObjectProtocol {
    func captureOutput(_ output: AVCaptureOutput, didOutput: CMSampleBuffer, from: AVCaptureConnection)
}

public final class AVCaptureVideoDataOutput: AVCaptureOutput {
    public var videoSettings: [String: Any]! = [:]
    public var alwaysDiscardsLateVideoFrames = true
    public func setSampleBufferDelegate(
        _ delegate: (any AVCaptureVideoDataOutputSampleBufferDelegate)?, queue: DispatchQueue?
    ) {}
}

public final class AVCapturePhotoSettings: NSObject {
    public var maxPhotoDimensions = CMVideoDimensions(width: 0, height: 0)
    public var uniqueID: Int64 { 0 }
}

public final class AVCapturePhoto: NSObject {
    public func fileDataRepresentation() -> Data? { nil }
}

public final class AVCaptureResolvedPhotoSettings: NSObject {}

public protocol AVCapturePhotoCaptureDelegate: NSObjectProtocol {
    func photoOutput(_ output: AVCapturePhotoOutput, didFinishProcessingPhoto: AVCapturePhoto, error: (any Error)?)
    func photoOutput(
        _ output: AVCapturePhotoOutput, didFinishCaptureFor: AVCaptureResolvedPhotoSettings, error: (any Error)?)
}

public final class AVCapturePhotoOutput: AVCaptureOutput {
    public var maxPhotoDimensions = CMVideoDimensions(width: 0, height: 0)
    public func capturePhoto(with settings: AVCapturePhotoSettings, delegate: any AVCapturePhotoCaptureDelegate) {}
}

public final class AVCaptureSession: NSObject {
    public enum Preset: Sendable { case photo }
    public enum InterruptionReason: Int, Sendable { case videoDeviceInUseByAnotherClient = 3 }
    public static let wasInterruptedNotification = NSNotification.Name("interrupted")
    public static let interruptionEndedNotification = NSNotification.Name("ended")
    public static let runtimeErrorNotification = NSNotification.Name("error")
    public var isRunning: Bool { false }
    public var automaticallyConfiguresCaptureDeviceForWideColor = true
    public var sessionPreset = Preset.photo
    public var outputs: [AVCaptureOutput] { [] }
    public func startRunning() {}
    public func stopRunning() {}
    public func beginConfiguration() {}
    public func commitConfiguration() {}
    public func canAddInput(_ input: AVCaptureInput) -> Bool { true }
    public func canAddOutput(_ output: AVCaptureOutput) -> Bool { true }
    public func addInput(_ input: AVCaptureInput) {}
    public func removeInput(_ input: AVCaptureInput) {}
    public func addOutput(_ output: AVCaptureOutput) {}
}
