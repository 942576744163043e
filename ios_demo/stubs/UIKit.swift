// Stand-ins for the members of UIKit that the app uses; see CoreGraphics.swift.
@_exported import CoreGraphics

public final class UIImage: @unchecked Sendable {
    public init(cgImage: CGImage) {}
    public init?(contentsOfFile: String) {}
}

public struct CALayerContentsGravity: Sendable {
    public static let resizeAspect = CALayerContentsGravity()
}

@MainActor
public final class CALayer {
    public var contents: Any?
    public var contentsRect = CGRect.zero
    public var contentsGravity = CALayerContentsGravity.resizeAspect
}

public enum CATransaction {
    public static func begin() {}
    public static func commit() {}
    public static func setDisableActions(_ disabled: Bool) {}
}

@MainActor
open class UIView {
    public let layer = CALayer()
    public var isAccessibilityElement = false
    public var accessibilityLabel: String?
    public init() {}
}

public enum UIDeviceOrientation: Int, Sendable {
    case unknown, portrait, portraitUpsideDown, landscapeLeft, landscapeRight, faceUp, faceDown
}

public enum UIUserInterfaceIdiom: Int, Sendable { case phone, pad }

@MainActor
public final class UIDevice {
    public static let current = UIDevice()
    public nonisolated static let orientationDidChangeNotification = NSNotification.Name("orientation")
    public var isBatteryMonitoringEnabled = false
    public var batteryLevel: Float { 1 }
    public var systemName: String { "" }
    public var systemVersion: String { "" }
    public var orientation: UIDeviceOrientation { .portrait }
    public var userInterfaceIdiom: UIUserInterfaceIdiom { .phone }
    public func beginGeneratingDeviceOrientationNotifications() {}
}

@MainActor
public final class UIApplication {
    public static let shared = UIApplication()
    public var isIdleTimerDisabled = false
    public nonisolated static let openSettingsURLString = ""
}

extension ProcessInfo {
    public enum ThermalState: Int, Sendable { case nominal, fair, serious, critical }
    public var thermalState: ThermalState { .nominal }
    public var isLowPowerModeEnabled: Bool { false }
}
