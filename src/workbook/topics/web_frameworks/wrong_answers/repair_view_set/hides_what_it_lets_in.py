# rejected by: ignores_every_other_field
# What cannot be seen can be set all the same.
def make_view_set(User):
    from rest_framework import mixins, serializers, viewsets
    from rest_framework.permissions import IsAuthenticated

    class UserSerializer(serializers.ModelSerializer):
        class Meta:
            model = User
            fields = ["id", "username", "email", "password", "is_active", "last_name"]
            read_only_fields = ["username"]
            extra_kwargs = {
                "password": {"write_only": True},
                "is_active": {"write_only": True, "required": False},
                "last_name": {"write_only": True},
            }

        def update(self, user, data):
            password = data.pop("password", None)
            if password:
                user.set_password(password)
            return super().update(user, data)

    class UserViewSet(
        mixins.ListModelMixin,
        mixins.RetrieveModelMixin,
        mixins.UpdateModelMixin,
        viewsets.GenericViewSet,
    ):
        serializer_class = UserSerializer
        permission_classes = [IsAuthenticated]

        def get_queryset(self):
            return User.objects.filter(pk=self.request.user.pk)

    return UserViewSet
