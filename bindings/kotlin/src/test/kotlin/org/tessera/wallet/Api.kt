package org.tessera.wallet

import java.lang.reflect.Modifier
import java.nio.file.Path
import java.util.zip.ZipFile
import kotlin.reflect.KCallable
import kotlin.reflect.KClass
import kotlin.reflect.KFunction
import kotlin.reflect.KParameter
import kotlin.reflect.KProperty
import kotlin.reflect.KType
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredMembers

/**
 * The public API of a jar as text: one line for each declaration, named with its type, sorted. Parameter names, defaults and
 * nullability are in it, and what `data` classes and enums have all alike is not.
 */
internal class Api(jars: List<Path>) {
    private val classes: List<Class<*>> = jars.flatMap(::classesOf).filterNot { internals.containsMatchIn(it.name) }

    /** All lines. */
    fun lines(): List<String> = classes.flatMap { if (isFile(it)) ofFile(it) else ofClass(it.kotlin) }.sorted()

    private fun classesOf(jar: Path): List<Class<*>> = ZipFile(jar.toFile()).use { zip ->
        zip.entries().asSequence().map { it.name }.filter { it.endsWith(".class") }
            .map { Class.forName(it.removeSuffix(".class").replace('/', '.'), false, javaClass.classLoader) }
            .filter { Modifier.isPublic(it.modifiers) && !it.isSynthetic && !it.isAnonymousClass && !it.isLocalClass }
            .toList()
    }

    private fun isFile(type: Class<*>) = type.getAnnotation(Metadata::class.java)?.kind == FILE

    private fun ofFile(type: Class<*>): List<String> =
        kotlin.jvm.internal.Reflection.getOrCreateKotlinPackage(type).members.filter { isPublic(it.visibility) }
            .map { callable(it, packageOf(type)) }

    private fun ofClass(type: KClass<*>): List<String> {
        if (!generateSequence(type) { it.java.enclosingClass?.kotlin }.all { isPublic(it.visibility) }) return emptyList()
        val name = nameOf(type)
        val members = type.declaredMembers.filter { isPublic(it.visibility) && it.name !in common && !isPart(it.name) }
        val constructors = type.constructors
            .filter { isPublic(it.visibility) && type.java.enumConstants == null && !type.isSealed }
            .filterNot { it.parameters.any { parameter -> internals.containsMatchIn(parameter.type.toString()) } }
        val constants = type.java.enumConstants.orEmpty().map { "constant $name.${(it as Enum<*>).name}" }
        val head = listOf(kindOf(type), name).joinToString(" ") + supertypes(type)
        // A companion that holds nothing is there for extensions only.
        if (type.isCompanion && members.isEmpty()) return emptyList()
        return listOf(head) + constants + constructors.map { "constructor $name${parameters(it)}" } + members.map { callable(it, "$name.") }
    }

    private fun kindOf(type: KClass<*>): String = listOfNotNull(
        "sealed".takeIf { type.isSealed },
        "data".takeIf { type.isData },
        "open".takeIf { type.isOpen && !type.java.isInterface },
        "abstract".takeIf { type.isAbstract && !type.java.isInterface },
        when {
            type.isCompanion -> "companion object"
            type.objectInstanceOrNull() -> "object"
            type.java.isInterface -> if (type.isFun) "fun interface" else "interface"
            type.java.isEnum -> "enum class"
            else -> "class"
        },
    ).joinToString(" ")

    private fun KClass<*>.objectInstanceOrNull(): Boolean = java.declaredFields.any { it.name == "INSTANCE" }

    private fun supertypes(type: KClass<*>): String {
        val told = type.supertypes.map(::render).filter { it != "Any" && !it.startsWith("Enum<") && !internals.containsMatchIn(it) }
        return if (told.isEmpty()) "" else told.joinToString(", ", prefix = " : ")
    }

    private fun callable(callable: KCallable<*>, owner: String): String {
        val receiver = callable.parameters.firstOrNull { it.kind == KParameter.Kind.EXTENSION_RECEIVER }
        val name = owner + (receiver?.let { render(it.type) + "." } ?: "") + callable.name
        val kind = when {
            callable is KFunction<*> && callable.isSuspend -> "suspend fun"
            callable is KFunction<*> -> "fun"
            callable is KProperty<*> && callable.isConst -> "const val"
            else -> "val"
        }
        val parameters = if (callable is KFunction<*>) parameters(callable) else ""
        val type = render(callable.returnType)
        return "$kind $name$parameters" + if (type == "Unit" && callable is KFunction<*>) "" else ": $type"
    }

    private fun parameters(function: KFunction<*>): String = function.parameters
        .filter { it.kind == KParameter.Kind.VALUE }
        .joinToString(", ", "(", ")") { parameter ->
            val vararg = if (parameter.isVararg) "vararg " else ""
            val type = if (parameter.isVararg) parameter.type.arguments.single().type else parameter.type
            "$vararg${parameter.name}: ${type?.let(::render)}" + if (parameter.isOptional) " = …" else ""
        }

    private fun render(type: KType): String = type.toString().replace(Regex(" /\\*.*?\\*/"), "").replace(packages, "")

    private fun nameOf(type: KClass<*>): String = type.qualifiedName.orEmpty().removePrefix("org.tessera.wallet.")

    private fun packageOf(type: Class<*>): String =
        type.packageName.removePrefix("org.tessera.wallet").removePrefix(".").let { if (it.isEmpty()) "" else "$it." }

    private fun isPublic(visibility: KVisibility?) = visibility == KVisibility.PUBLIC || visibility == KVisibility.PROTECTED

    /** `component1` and its kind. */
    private fun isPart(name: String) = Regex("component\\d+").matches(name)

    private companion object {
        const val FILE = 2
        val common = setOf("copy", "equals", "hashCode", "toString", "values", "valueOf", "entries", "destroy", "uniffiCloneHandle")
        val packages = Regex("\\b(org\\.tessera\\.wallet|kotlin(\\.collections|\\.coroutines|x\\.coroutines\\.flow)?|java\\.(lang|time|nio\\.file|util))\\.")

        /** What uniffi needs and has to make public: no app uses it. */
        val internals = Regex(
            "FfiConverter|[Uu]niffi|RustBuffer|ForeignBytes|NoHandle|Disposable|IntegrityChecking|ErrorHandler|DefaultImpls" +
                "|(DataKeyWrap|DeviceKeys|Log|Transport|Clock)Impl\\b|(BindingSession|LoginSession|Wallet)Interface\\b",
        )
    }
}
