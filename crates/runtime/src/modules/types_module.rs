//! `_types`: the types of the interpreter's own objects, for `types`.

use crate::errors::PyResult;
use crate::object::PyTyped;
use crate::types::{self, Module};
use macros::pymodule;

/// Types of objects that the interpreter makes.
#[pymodule(name = "_types")]
pub mod module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        use crate::types::*;
        let all: [(&str, &Type); 27] = [
            ("AsyncGeneratorType", &generator::PyAsyncGen_Type),
            ("BuiltinFunctionType", BuiltinFunction::type_object()),
            ("BuiltinMethodType", BuiltinFunction::type_object()),
            ("CapsuleType", Capsule::type_object()),
            ("CellType", Cell::type_object()),
            ("ClassMethodDescriptorType", &descr::PyClassMethodDescr_Type),
            ("CodeType", Code::type_object()),
            ("CoroutineType", &generator::PyCoro_Type),
            ("EllipsisType", singletons::EllipsisType::type_object()),
            ("FrameType", Frame::type_object()),
            ("FunctionType", Function::type_object()),
            ("GeneratorType", Generator::type_object()),
            ("GenericAlias", GenericAlias::type_object()),
            ("GetSetDescriptorType", &descr::PyGetSetDescr_Type),
            ("LambdaType", Function::type_object()),
            ("MappingProxyType", MappingProxy::type_object()),
            ("MemberDescriptorType", MemberDescriptor::type_object()),
            ("MethodDescriptorType", MethodDescriptor::type_object()),
            ("MethodType", Method::type_object()),
            ("MethodWrapperType", &descr::_PyMethodWrapper_Type),
            ("ModuleType", Module::type_object()),
            ("NoneType", types::none_type()),
            ("NotImplementedType", singletons::NotImplementedType::type_object()),
            ("SimpleNamespace", Namespace::type_object()),
            ("TracebackType", Traceback::type_object()),
            ("UnionType", Union::type_object()),
            ("WrapperDescriptorType", &descr::PyWrapperDescr_Type),
        ];
        for (name, ty) in all {
            module.add(name, ty)?;
        }
        Ok(())
    }
}
