extension View {
    public nonisolated func disabled(_ disabled: Bool) -> some View { Changed<Self>() }
    public nonisolated func font(_ font: Font?) -> some View { Changed<Self>() }
    public nonisolated func foregroundStyle<S: ShapeStyle>(_ style: S) -> some View { Changed<Self>() }
    public nonisolated func aspectRatio(_ ratio: CGFloat? = nil, contentMode: ContentMode) -> some View { Changed<Self>() }
    public nonisolated func frame(maxWidth: CGFloat? = nil, maxHeight: CGFloat? = nil, alignment: Alignment = .center)
        -> some View
    { Changed<Self>() }
    public nonisolated func ignoresSafeArea() -> some View { Changed<Self>() }
    public nonisolated func clipShape<S: Shape>(_ shape: S) -> some View { Changed<Self>() }
    public nonisolated func overlay<V: View>(alignment: Alignment = .center, @ViewBuilder content: () -> V) -> some View {
        Changed<Self>()
    }
    public nonisolated func privacySensitive(_ sensitive: Bool = true) -> some View { Changed<Self>() }
    public nonisolated func textSelection(_ selectability: EnabledTextSelectability) -> some View { Changed<Self>() }
    public nonisolated func labelsHidden() -> some View { Changed<Self>() }
    public nonisolated func tag<V: Hashable>(_ tag: V) -> some View { Changed<Self>() }
    public nonisolated func pickerStyle(_ style: SegmentedPickerStyle) -> some View { Changed<Self>() }
    public nonisolated func buttonStyle(_ style: BorderlessButtonStyle) -> some View { Changed<Self>() }

    // Input
    public nonisolated func keyboardType(_ type: UIKeyboardType) -> some View { Changed<Self>() }
    public nonisolated func textContentType(_ type: UITextContentType?) -> some View { Changed<Self>() }
    public nonisolated func textInputAutocapitalization(_ autocapitalization: TextInputAutocapitalization?) -> some View {
        Changed<Self>()
    }
    public nonisolated func autocorrectionDisabled(_ disable: Bool = true) -> some View { Changed<Self>() }
    public nonisolated func onSubmit(_ action: @escaping @MainActor () -> Void) -> some View { Changed<Self>() }

    // Navigation
    public nonisolated func navigationTitle(_ titleKey: LocalizedStringKey) -> some View { Changed<Self>() }
    public nonisolated func navigationTitle(_ title: Text) -> some View { Changed<Self>() }
    public nonisolated func tabItem<V: View>(@ViewBuilder _ label: () -> V) -> some View { Changed<Self>() }
    public nonisolated func toolbar<C: ToolbarContent>(@ToolbarContentBuilder content: () -> C) -> some View { Changed<Self>() }
    public nonisolated func sheet<C: View>(
        isPresented: Binding<Bool>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping () -> C
    ) -> some View { Changed<Self>() }
    public nonisolated func sheet<Item: Identifiable, C: View>(
        item: Binding<Item?>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping (Item) -> C
    ) -> some View { Changed<Self>() }
    public nonisolated func interactiveDismissDisabled(_ isDisabled: Bool = true) -> some View { Changed<Self>() }
    public nonisolated func confirmationDialog<A: View>(
        _ titleKey: LocalizedStringKey, isPresented: Binding<Bool>, titleVisibility: Visibility = .automatic,
        @ViewBuilder actions: () -> A
    ) -> some View { Changed<Self>() }
    public nonisolated func confirmationDialog<A: View, M: View>(
        _ titleKey: LocalizedStringKey, isPresented: Binding<Bool>, titleVisibility: Visibility = .automatic,
        @ViewBuilder actions: () -> A, @ViewBuilder message: () -> M
    ) -> some View { Changed<Self>() }
    public nonisolated func alert<A: View>(
        _ titleKey: LocalizedStringKey, isPresented: Binding<Bool>, @ViewBuilder actions: () -> A
    ) -> some View { Changed<Self>() }
    public nonisolated func alert<A: View, M: View>(
        _ titleKey: LocalizedStringKey, isPresented: Binding<Bool>, @ViewBuilder actions: () -> A, @ViewBuilder message: () -> M
    ) -> some View { Changed<Self>() }
    public nonisolated func swipeActions<T: View>(
        edge: HorizontalEdge = .trailing, allowsFullSwipe: Bool = true, @ViewBuilder content: () -> T
    ) -> some View { Changed<Self>() }
    public nonisolated func contextMenu<M: View>(@ViewBuilder menuItems: () -> M) -> some View { Changed<Self>() }

    // Life
    public nonisolated func task(
        priority: TaskPriority = .userInitiated, _ action: @escaping @Sendable @MainActor () async -> Void
    ) -> some View { Changed<Self>() }
    public nonisolated func task<T: Equatable>(
        id value: T, priority: TaskPriority = .userInitiated, _ action: @escaping @Sendable @MainActor () async -> Void
    ) -> some View { Changed<Self>() }
    public nonisolated func refreshable(action: @escaping @Sendable @MainActor () async -> Void) -> some View { Changed<Self>() }
    public nonisolated func onAppear(perform action: (@MainActor () -> Void)? = nil) -> some View { Changed<Self>() }
    public nonisolated func onDisappear(perform action: (@MainActor () -> Void)? = nil) -> some View { Changed<Self>() }
    public nonisolated func onChange<V: Equatable>(of value: V, initial: Bool = false, _ action: @escaping @MainActor () -> Void)
        -> some View
    { Changed<Self>() }
    public nonisolated func onOpenURL(perform action: @escaping @MainActor (URL) -> Void) -> some View { Changed<Self>() }

    // Files
    public nonisolated func fileExporter<D: FileDocument>(
        isPresented: Binding<Bool>, document: D?, contentType: UTType, defaultFilename: String? = nil,
        onCompletion: @escaping @MainActor (Result<URL, any Error>) -> Void
    ) -> some View { Changed<Self>() }
    public nonisolated func fileImporter(
        isPresented: Binding<Bool>, allowedContentTypes: [UTType],
        onCompletion: @escaping @MainActor (Result<URL, any Error>) -> Void
    ) -> some View { Changed<Self>() }

    // VoiceOver
    public nonisolated func accessibilityLabel(_ labelKey: LocalizedStringKey) -> some View { Changed<Self>() }
    public nonisolated func accessibilityLabel(_ label: Text) -> some View { Changed<Self>() }
    public nonisolated func accessibilityHint(_ hintKey: LocalizedStringKey) -> some View { Changed<Self>() }
    public nonisolated func accessibilityHidden(_ hidden: Bool) -> some View { Changed<Self>() }
    public nonisolated func accessibilityElement(children: AccessibilityChildBehavior = .ignore) -> some View { Changed<Self>() }
    public nonisolated func accessibilityAddTraits(_ traits: AccessibilityTraits) -> some View { Changed<Self>() }
    public nonisolated func accessibilityAction(named nameKey: LocalizedStringKey, _ handler: @escaping @MainActor () -> Void)
        -> some View
    { Changed<Self>() }
}

public enum ContentMode: Sendable { case fit, fill }
public enum Visibility: Sendable { case automatic, visible, hidden }
public enum HorizontalEdge: Sendable { case leading, trailing }
public struct EnabledTextSelectability: Sendable { public static let enabled = EnabledTextSelectability() }
public struct SegmentedPickerStyle: Sendable { public static let segmented = SegmentedPickerStyle() }
public struct BorderlessButtonStyle: Sendable { public static let borderless = BorderlessButtonStyle() }
public struct TextInputAutocapitalization: Sendable { public static let never = TextInputAutocapitalization() }
public struct AccessibilityChildBehavior: Sendable {
    public static let combine = AccessibilityChildBehavior()
    public static let ignore = AccessibilityChildBehavior()
}
public struct AccessibilityTraits: Sendable {
    public static let updatesFrequently = AccessibilityTraits()
    public static let isHeader = AccessibilityTraits()
}
public enum AccessibilityNotification {
    public struct LayoutChanged {
        public init() {}
        public func post() {}
    }
}

public struct ToolbarItemPlacement: Sendable {
    public static let cancellationAction = ToolbarItemPlacement()
    public static let primaryAction = ToolbarItemPlacement()
    public static let destructiveAction = ToolbarItemPlacement()
}
@MainActor @preconcurrency public protocol ToolbarContent {}
extension Optional: ToolbarContent where Wrapped: ToolbarContent {}
public struct ToolbarItem<Content: View>: ToolbarContent {
    public nonisolated init(placement: ToolbarItemPlacement, @ViewBuilder content: () -> Content) {}
}
public struct ToolbarTuple<each C: ToolbarContent>: ToolbarContent {}
@resultBuilder public struct ToolbarContentBuilder {
    public static func buildBlock<C: ToolbarContent>(_ content: C) -> C { content }
    public static func buildBlock<each C: ToolbarContent>(_ content: repeat each C) -> ToolbarTuple<repeat each C> { .init() }
    public static func buildIf<C: ToolbarContent>(_ content: C?) -> C? { content }
}
